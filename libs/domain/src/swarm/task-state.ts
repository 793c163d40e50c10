/** In the order of a task's life; a state never goes back. */
export const TASK_STATES = [
  'new',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;

export type TaskState = (typeof TASK_STATES)[number];

const RANK = new Map<string, number>(TASK_STATES.map((state, index) => [state, index]));

export function isTaskState(text: string): text is TaskState {
  return RANK.has(text);
}

/** Is `a` earlier in a task's life than `b`? */
export function isBefore(a: TaskState, b: TaskState): boolean {
  return RANK.get(a)! < RANK.get(b)!;
}

/** It has ended, one way or another, or never will run. */
export function isTerminal(state: TaskState): boolean {
  return !isBefore(state, 'complete');
}

/** It is to run, be it for good or to its completion, and it has not ended. */
export function isLive(task: { desired: TaskState; status: { state: TaskState } }): boolean {
  return isBefore(task.desired, 'shutdown') && !isTerminal(task.status.state);
}
