import { type ErrorCode, SkepError, unavailable } from '#lib/common';
import type { ProgressEvent } from '#lib/contracts';
import type { Context } from '../context.js';
import { paintFor } from '../output/style.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';
import type { Reporter } from './reporter.js';
import { TerminalReporter } from './terminal.js';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** On a terminal a line for each resource, redrawn in place; else a line for each change. JSON goes to standard output. */
export function reporterFor(mode: ProgressMode, { system, globals }: Pick<Context, 'system' | 'globals'>): Reporter {
  const paint = paintFor(system.stderr, system, globals());
  if (mode === 'json') return jsonReporter(system.stdout);
  const canRedraw = system.stderr.isTTY && system.env.TERM !== 'dumb' && globals().ansi !== 'never';
  if (mode === 'tty' || (mode === 'auto' && canRedraw)) {
    return new TerminalReporter(system.stderr, paint, system.signals);
  }
  return plainReporter(system.stderr, paint);
}

/** Shows a stream of events to its end. A failed result is thrown as the error that it words. */
export async function follow(events: AsyncIterable<ProgressEvent>, reporter: Reporter): Promise<void> {
  try {
    for await (const event of events) {
      reporter.show(event);
      if (event.type !== 'result') continue;
      if (event.ok) return;
      throw new SkepError(event.code as ErrorCode, event.message);
    }
  } finally {
    reporter.end();
  }
  throw unavailable('the daemon went away before it was done; it goes on where it was once it is back');
}
