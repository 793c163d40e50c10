import type { Container, Network, ObservedContainer, Translation, Tunnel, Volume } from '#lib/domain';

/** What can be done to the world. Each action is idempotent, so that it may be planned again after a crash in its middle. */
export type Action =
  /** the WireGuard device of the encrypted networks */
  | { kind: 'tunnel.ensure'; tunnel: Tunnel }
  | { kind: 'network.ensure'; network: Network }
  | { kind: 'network.remove'; network: Network }
  | { kind: 'volume.create'; volume: Volume }
  | { kind: 'volume.remove'; volume: Volume }
  | { kind: 'rules.apply' }
  | { kind: 'sandbox.ensure'; container: Container }
  | { kind: 'sandbox.remove'; container: Container }
  | { kind: 'dns.attach'; container: Container }
  | { kind: 'translations.apply'; container: Container; translations: readonly Translation[] }
  | { kind: 'container.create'; container: Container }
  | { kind: 'container.rename'; container: Container }
  | { kind: 'container.start'; container: Container }
  | { kind: 'container.stop'; container: Container }
  | { kind: 'container.remove'; container: Container }
  /** the last step of a removal: the desired row goes */
  | { kind: 'container.forget'; container: Container }
  /** an engine's container that carries our label and that nobody asks for */
  | { kind: 'container.discard'; observed: ObservedContainer }
  | { kind: 'link.discard'; link: string }
  | { kind: 'netns.discard'; netns: string };

/** An action in its place in a plan. */
export type Step = Action & {
  /** equal for equal actions on the same thing, over all plans */
  id: string;
  /** steps with the same key never run at the same time, be they of one plan or of two */
  key: string;
  /** ids of steps of this plan that come first */
  after: string[];
};

/** A container that is to run and cannot be started yet. */
export interface Waiting {
  container: Container;
  why: string;
  /** what it waits for will not come by itself */
  failed: boolean;
}

export interface Plan {
  steps: Step[];
  waiting: Waiting[];
  /** when time alone makes another plan necessary: milliseconds since the epoch */
  wakeAt?: number;
}

export function stepId(kind: Action['kind'], subject: string): string {
  return `${kind} ${subject}`;
}

/** What an action is about: the id or name of its subject. */
export function subjectOf(action: Action): string {
  if ('container' in action) return action.container.id;
  if ('network' in action) return action.network.id;
  if ('volume' in action) return action.volume.name;
  if ('observed' in action) return action.observed.engineId;
  if ('link' in action) return action.link;
  if ('netns' in action) return action.netns;
  return 'node';
}

/** Kernel work and engine work on one container may overlap; two works of one sort may not. */
function keyOf(action: Action): string {
  const [room] = action.kind.split('.');
  return action.kind === 'container.discard' ? `engine ${action.observed.id}` : `${room} ${subjectOf(action)}`;
}

export function step(action: Action, after: readonly string[] = []): Step {
  return { ...action, id: stepId(action.kind, subjectOf(action)), key: keyOf(action), after: [...after] };
}
