import type { ProgressEvent } from '#lib/contracts';
import type { Waiting } from '#lib/planner';
import type { WatchOptions } from '../reconciler/watch.js';
import { concerns, doneEvent, failedEvent, startedEvent } from './progress.js';

export interface ProjectWatchOptions {
  project: string;
  /** true once the state beyond the plan is as asked for, e.g. healthy; throws when it never will be */
  reached: () => boolean;
  emit: (event: ProgressEvent) => void;
  /** the caller went away: nothing more is to be told */
  signal: AbortSignal;
  timeoutMs?: number;
}

/** To follow a project until it is where it was asked to be, telling of every step on the way. */
export function projectWatch(options: ProjectWatchOptions): WatchOptions {
  const startedAt = Date.now();
  const elapsed = () => Date.now() - startedAt;
  const { project, reached, signal, timeoutMs } = options;
  const announced = new Set<string>();
  const emit = (event: ProgressEvent | undefined) => event && options.emit(event);
  const announce = ({ container, why }: Waiting) => {
    const key = `${container.name} ${why}`;
    if (announced.has(key)) return;
    announced.add(key);
    emit({
      type: 'progress',
      resource: 'container',
      name: container.name,
      state: 'Waiting',
      done: false,
      elapsedMs: elapsed(),
      message: why,
    });
  };
  return {
    concerns: (action) => concerns(action, project),
    awaits: ({ container }) => container.project === project,
    reached,
    started: (step) => emit(startedEvent(step, elapsed())),
    done: (step) => emit(doneEvent(step, elapsed())),
    failed: (step, error) => emit(failedEvent(step, error.message, elapsed())),
    waiting: announce,
    signal,
    timeoutMs,
  };
}
