import type { ProgressEvent, ResourceKind } from '#lib/contracts';
import type { Action, Step } from '#lib/planner';

interface Wording {
  resource: ResourceKind;
  started: string;
  ended: string;
  /** the last thing that happens to the resource on this way */
  last: boolean;
}

/** Steps that people are told of; the others are parts of these. */
const WORDS: Partial<Record<Action['kind'], Wording>> = {
  'network.ensure': { resource: 'network', started: 'Creating', ended: 'Created', last: true },
  'network.remove': { resource: 'network', started: 'Removing', ended: 'Removed', last: true },
  'volume.create': { resource: 'volume', started: 'Creating', ended: 'Created', last: true },
  'volume.remove': { resource: 'volume', started: 'Removing', ended: 'Removed', last: true },
  'container.create': { resource: 'container', started: 'Creating', ended: 'Created', last: false },
  'container.start': { resource: 'container', started: 'Starting', ended: 'Started', last: true },
  'container.stop': { resource: 'container', started: 'Stopping', ended: 'Stopped', last: false },
  'container.remove': { resource: 'container', started: 'Removing', ended: 'Removed', last: true },
};

export function nameOf(action: Action): string {
  if ('container' in action) return action.container.name;
  if ('network' in action) return action.network.name;
  if ('volume' in action) return action.volume.name;
  if ('observed' in action) return action.observed.name;
  if ('link' in action) return action.link;
  if ('netns' in action) return action.netns;
  return 'firewall';
}

export function resourceOf(action: Action): ResourceKind {
  if ('network' in action || 'link' in action) return 'network';
  if ('volume' in action) return 'volume';
  return action.kind === 'rules.apply' ? 'rules' : 'container';
}

export function startedEvent(step: Step, elapsedMs: number): ProgressEvent | undefined {
  const words = WORDS[step.kind];
  if (!words) return undefined;
  return {
    type: 'progress',
    resource: words.resource,
    name: nameOf(step),
    state: words.started,
    done: false,
    elapsedMs,
  };
}

export function doneEvent(step: Step, elapsedMs: number): ProgressEvent | undefined {
  const words = WORDS[step.kind];
  if (!words) return undefined;
  const { resource, ended, last } = words;
  return { type: 'progress', resource, name: nameOf(step), state: ended, done: last, elapsedMs };
}

export function failedEvent(step: Step, message: string, elapsedMs: number): ProgressEvent {
  return {
    type: 'progress',
    resource: resourceOf(step),
    name: nameOf(step),
    state: 'Error',
    done: true,
    elapsedMs,
    message,
  };
}

/** Does this step work on something of the project? */
export function concerns(step: Action, project: string): boolean {
  if ('container' in step) return step.container.project === project;
  if ('network' in step) return step.network.labels['com.docker.compose.project'] === project;
  if ('volume' in step) return step.volume.project === project;
  return step.kind === 'rules.apply';
}
