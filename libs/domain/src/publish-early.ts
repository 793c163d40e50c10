import { invalid } from '#lib/common';

/** Of a swarm's service, of a Compose service, of a container. */
const LABEL = 'x-skep.publish-before-healthy';

/** Do these labels ask for a container that is used as soon as it runs? Other values than `true` and `false` are `invalid`. */
export function publishesEarly(labels: Readonly<Record<string, string>> | null | undefined): boolean {
  const value = labels?.[LABEL] ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`label ${LABEL}: ${JSON.stringify(value)} is neither true nor false`);
}
