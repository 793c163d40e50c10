import { invalid } from '#lib/common';
import type { KnownContainer } from '../../containers/container-directory.js';
import { Filters, instantOf, labelFits } from '#lib/http';
import { isRunning, runStateOf } from './view/run-state.js';

/** Filters of POST /containers/prune: containers that do not run, of those which fit. @param nowMs milliseconds since the epoch */
export function pruneFilter(text: string | undefined, nowMs: number): (known: KnownContainer) => boolean {
  const filters = Filters.parse(text, ['label', 'label!', 'until']);
  const [until, ...more] = filters.all('until').map((value) => instantOf('until', value, nowMs));
  if (more.length > 0) throw invalid('more than one until filter specified');
  return (known) => {
    const { container, seen } = known;
    const labels = seen?.labels ?? container.spec.Labels ?? {};
    return (
      !isRunning(runStateOf(known)) &&
      !(container.target === 'running' && !known.status.finished) &&
      (until === undefined || BigInt(Date.parse(container.createdAt)) * 1_000_000n < until) &&
      filters.every('label', (value) => labelFits(labels, value)) &&
      filters.every('label!', (value) => !labelFits(labels, value))
    );
  };
}
