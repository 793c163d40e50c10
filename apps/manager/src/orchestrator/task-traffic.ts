import { messageOf, invalid } from '#lib/common';
import { parseDuration } from '#lib/compose';
import { publishesEarly, type ServiceSpec, type TaskTraffic } from '#lib/domain';

const DRAIN = 'x-skep.drain';

/** What was begun may take that long. Milliseconds. */
const DEFAULT_DRAIN = 2_000;
/** Addresses of replicas are remembered by who asked for them, as long as answers say. Milliseconds. */
const DEFAULT_DRAIN_BY_NAME = 5_000;
const LONGEST_DRAIN = 3_600_000;

/**
 * How tasks of the service come into use and out of it, by labels of the service: `x-skep.drain` (a duration: `10s`) and
 * `x-skep.publish-before-healthy` (`true` or `false`). Another value is `invalid`. Pure.
 */
export function taskTraffic({ Labels: labels, EndpointSpec: endpoint }: Pick<ServiceSpec, 'Labels' | 'EndpointSpec'>) {
  const early = publishesEarly(labels);
  const asked = labels?.[DRAIN];
  const fallback = endpoint?.Mode === 'dnsrr' ? DEFAULT_DRAIN_BY_NAME : DEFAULT_DRAIN;
  return { drainMs: asked === undefined ? fallback : drainOf(asked), early } satisfies TaskTraffic;
}

function drainOf(text: string): number {
  let ms: number;
  try {
    ms = text === '0' ? 0 : parseDuration(text);
  } catch (error) {
    throw invalid(`label ${DRAIN}: ${messageOf(error)}`);
  }
  if (ms > LONGEST_DRAIN) throw invalid(`label ${DRAIN}: ${text} is longer than an hour`);
  return ms;
}
