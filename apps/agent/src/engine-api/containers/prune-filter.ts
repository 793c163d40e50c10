import type { KnownContainer } from '../../containers/container-directory.js';
import { isRunning, runStateOf } from '../../containers/run-state.js';
import { Filters, prunable, PRUNE_FILTERS } from '#lib/http';

/** Filters of POST /containers/prune: containers that do not run, of those which fit. @param nowMs milliseconds since the epoch */
export function pruneFilter(text: string | undefined, nowMs: number): (known: KnownContainer) => boolean {
  const fits = prunable(Filters.parse(text, PRUNE_FILTERS), nowMs);
  return (known) => {
    const { container, seen } = known;
    const labels = seen?.labels ?? container.spec.Labels ?? {};
    return (
      !isRunning(runStateOf(known)) &&
      !(container.target === 'running' && !known.status.finished) &&
      fits({ labels, createdAt: container.createdAt })
    );
  };
}
