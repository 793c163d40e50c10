import { invalid } from '#lib/common';
import { labelFits, type Filters } from './filters.js';
import { instantOf } from './instant.js';

/** What every prune takes: labels that must all be there, labels of which none may be, and a moment before which it was made. */
export const PRUNE_FILTERS: readonly string[] = ['label', 'label!', 'until'];

interface Prunable {
  labels: Readonly<Record<string, string>>;
  /** ISO 8601 */
  createdAt: string;
}

/** @param nowMs milliseconds since the epoch */
export function prunable(filters: Filters, nowMs: number): (one: Prunable) => boolean {
  const [until, ...more] = filters.all('until').map((value) => instantOf('until', value, nowMs));
  if (more.length > 0) throw invalid('more than one until filter specified');
  return ({ labels, createdAt }) =>
    (until === undefined || BigInt(Date.parse(createdAt)) * 1_000_000n < until) &&
    filters.every('label', (value) => labelFits(labels, value)) &&
    filters.every('label!', (value) => !labelFits(labels, value));
}
