export type { Desired } from './desired.js';
export { plan } from './plan.js';
export { mountedVolumes } from './volumes.js';
export { stepId, subjectOf, type Action, type Plan, type Step, type Waiting } from './steps.js';
