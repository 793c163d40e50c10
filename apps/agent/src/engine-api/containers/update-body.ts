import { z } from 'zod';
import { listed, unsupported } from '#lib/common';
import { optional, text } from '#lib/http';

/** The body of POST /containers/:id/update: limits, and the restart policy. */
export const updateBody = z.looseObject({
  RestartPolicy: optional(z.object({ Name: text, MaximumRetryCount: optional(z.number().int()) })),
});

/** Limits that can change while a container runs; all others of HostConfig are settled when it is made. */
const LIMITS: readonly string[] = [
  'BlkioWeight',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpuShares',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'NanoCpus',
  'PidsLimit',
];

/** The limits that are asked for: clients send zeros, empty texts and empty lists for what is to stay. */
export function limitsOf(body: z.infer<typeof updateBody>): Record<string, unknown> {
  const { RestartPolicy: _restart, ...rest } = body;
  const given = Object.entries(rest).filter(([, value]) => !isNothing(value));
  const others = given.map(([key]) => key).filter((key) => !LIMITS.includes(key));
  if (others.length > 0) {
    throw unsupported(`${listed(others)} cannot be changed of a container; these can: ${LIMITS.join(', ')}`);
  }
  return Object.fromEntries(given);
}

function isNothing(value: unknown): boolean {
  return value === null || value === 0 || value === '' || value === false || (Array.isArray(value) && !value.length);
}
