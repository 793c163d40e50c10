/** Go clients leave these out, or set them: 0 and false say something there. Of a file's mode 0 is not the default either. */
const SAID_BY_ZERO = new Set(['Init', 'StopGracePeriod', 'Delay', 'MaxAttempts', 'Window', 'Mode']);
/** Their keys are people's own: an empty value is one. */
const MAPS = new Set(['Labels', 'Options', 'DriverOpts', 'Sysctls']);

/**
 * A spec in the one form that all specs of the same meaning have. Clients that read a spec and send it back change its
 * text: the order of fields, what is empty or zero, and Docker's CLI also the order of mounts and the spelling of
 * capabilities. Pure.
 */
export function canonicalSpec(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => canonicalSpec(item));
    if (field === 'Mounts') return items.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
    if (field === 'CapabilityAdd' || field === 'CapabilityDrop')
      return [...new Set(items.map(capability))].sort(compare);
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([key, inner]) => [key, canonicalSpec(inner, key)] as const)
    .filter(([key, inner]) => MAPS.has(field) || !saysNothing(key, inner))
    .sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(fields);
}

function saysNothing(key: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'object') return Object.keys(value).length === 0;
  return !value && !SAID_BY_ZERO.has(key);
}

function capability(name: unknown): string {
  const upper = String(name).toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
