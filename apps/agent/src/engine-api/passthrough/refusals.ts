import { codeOfStatus, SkepError } from '#lib/common';
import type { Call, Refusal, Route } from './route.js';

/** An error answer of the engine as ours: the route's words, else the engine's own. */
export function refusalOf(status: number, body: Buffer, route: Route, call: Call): SkepError {
  const message = wordsOf(body) || `the container engine answered with status ${status}`;
  return route.refusal?.({ status, message }, call) ?? new SkepError(codeOfStatus(status) ?? 'internal', message);
}

/** A route's `refusal` where the engine's words alone say what it is. First match wins. */
export function inWords(
  table: readonly [RegExp, (call: Call, found: RegExpExecArray, refusal: Refusal) => SkepError][],
): NonNullable<Route['refusal']> {
  return (refusal, call) => {
    for (const [pattern, make] of table) {
      const found = pattern.exec(refusal.message);
      if (found) return make(call, found, refusal);
    }
    return undefined;
  };
}

/** The message of an engine's error. */
function wordsOf(body: Buffer): string {
  const text = body.toString('utf8').trim();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message.trim() : text;
  } catch {
    return text;
  }
}
