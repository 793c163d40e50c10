import type { Answer } from './api.js';

/** Ids, addresses and times, which no two engines have alike, and the OCI runtime, which is the machine's. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b(sha256:)?[0-9a-f]{64}\b/g, 'ID'],
  [/\b[0-9a-f]{12}\b/g, 'ID'],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC'],
  [/\b(?!0\.0\.0\.0)\d+\.\d+\.\d+\.\d+(\/\d+)?\b/g, 'ADDRESS'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, 'TIME'],
  [/\b(runc|crun)\b/g, 'RUNTIME'],
];

export function plain(text: string): string {
  return VOLATILE.reduce((result, [pattern, word]) => result.replace(pattern, word), text);
}

/** How the second answer differs from the first, a line each. */
export function differences(first: Answer, second: Answer): string[] {
  const lines: string[] = [];
  const compare = (what: string, a: string, b: string) => void (a !== b && lines.push(`${what}: ${a} → ${b}`));
  compare('status', String(first.status), String(second.status));
  compare('message', messageOf(first), messageOf(second));
  compare('type', first.type || 'none', second.type || 'none');
  if (first.status < 400 && second.status < 400) lines.push(...shapes(first.body, second.body, ''));
  return lines;
}

export function times(events: readonly string[], event: string): number {
  return events.filter((each) => each === event).length;
}

/** What one told another number of times than the other. */
export function eventDifferences(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])]
    .filter((event) => times(first, event) !== times(second, event))
    .map((event) => `${event}: ${times(first, event)} times → ${times(second, event)}`);
}

/** The text of an error; of what is no JSON, all of it. */
function messageOf({ body, status }: Answer): string {
  if (typeof body === 'string') return JSON.stringify(plain(body));
  const { message } = (body ?? {}) as { message?: string };
  return status >= 400 ? JSON.stringify(plain(message ?? '')) : 'none';
}

/** Where two values differ in kind: the topmost places only. Elements of an array are taken for one, the first. */
function shapes(a: unknown, b: unknown, at: string): string[] {
  const [one, other] = [kind(a), kind(b)];
  if (one !== other) return [`${at || '.'}: ${one} → ${other}`];
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length > 0 && b.length > 0 ? shapes(a[0], b[0], `${at}[]`) : [];
  }
  if (one !== 'object') return [];
  const [left, right] = [keyed(a), keyed(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .flatMap((key) => shapes(left.get(key), right.get(key), `${at}.${key}`));
}

function keyed(value: unknown): Map<string, unknown> {
  return new Map(Object.entries(value as object).map(([key, each]) => [plain(key), each]));
}

/** Null, empty and full are three kinds: clients in Python and JavaScript tell them apart. */
function kind(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'array';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'empty' : 'object';
  return typeof value;
}
