// Received messages are complete (`Zone`); those that are sent may leave out what has its default (`ZoneInput`).
export type { Applied, AppliedInput } from './generated/skep/resolver/v1/Applied.js';
export type { Changes, ChangesInput } from './generated/skep/resolver/v1/Changes.js';
export type { Explanation } from './generated/skep/resolver/v1/Explanation.js';
export type { Member, MemberInput } from './generated/skep/resolver/v1/Member.js';
export type { Metrics } from './generated/skep/resolver/v1/Metrics.js';
export type { Question, QuestionInput } from './generated/skep/resolver/v1/Question.js';
export type { Sandbox, SandboxInput } from './generated/skep/resolver/v1/Sandbox.js';
export type { SandboxError } from './generated/skep/resolver/v1/SandboxError.js';
export type { State } from './generated/skep/resolver/v1/State.js';
export type { Zone, ZoneInput } from './generated/skep/resolver/v1/Zone.js';
