import { oneLine } from '../output/width.js';
import type { Paint } from '../output/style.js';
import type { Output } from '../system.js';
import { planLines } from './plan.js';
import type { Reporter } from './reporter.js';
import { failed, seconds, titleOf } from './words.js';

/** A line for each change of state. */
export function plainReporter(out: Output, paint: Paint): Reporter {
  return {
    show(event) {
      if (event.type === 'warning') out.write(`${paint('yellow', 'warning')}: ${oneLine(event.message)}\n`);
      if (event.type === 'plan') out.write(`${planLines(event).join('\n')}\n`);
      if (event.type !== 'progress') return;
      const state = failed(event) ? paint('red', event.state) : event.state;
      const message = event.message ? `: ${oneLine(event.message)}` : '';
      out.write(` ${titleOf(event)}  ${state}${message}${event.done ? `  ${seconds(event.elapsedMs)}` : ''}\n`);
    },
    end: () => {},
  };
}
