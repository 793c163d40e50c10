import { constants } from 'node:os';

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));

/** The number of a signal: `SIGTERM`, `term` and `15` are the same; undefined for a text that is none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= 64 ? number : undefined;
  }
  const name = text.toUpperCase();
  const found = NUMBERS.get(name.startsWith('SIG') ? name : `SIG${name}`);
  if (found !== undefined) return found;
  // Real-time signals have no names of their own in the system's table.
  const [, end, by = '0'] = /^(?:SIG)?RT(MIN|MAX)(?:[+-](\d{1,2}))?$/.exec(name) ?? [];
  if (end !== undefined && Number(by) <= 30) return end === 'MIN' ? 34 + Number(by) : 64 - Number(by);
  return undefined;
}
