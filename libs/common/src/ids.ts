import { createHash, randomBytes } from 'node:crypto';

/** A local object's id: 64 lower-case hex digits, as Docker's. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** An id of an object of a cluster, as Docker's: 25 characters of base 36. */
export function newClusterId(): string {
  return BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString(36)
    .padStart(25, '0')
    .slice(-25);
}

/** The id as people see it: its first 12 digits. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** A stable digest of any JSON value: hex SHA-256 over the value with its keys sorted. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(stableStringify(value)).digest('hex');
}

/** JSON with sorted keys, so that equal values give equal text. */
export function stableStringify(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
