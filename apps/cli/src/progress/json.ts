import type { Output } from '../system.js';
import type { Reporter } from './reporter.js';

/** The events as they come, one JSON object a line. */
export function jsonReporter(out: Output): Reporter {
  return {
    show: (event) => void out.write(`${JSON.stringify(event)}\n`),
    end: () => {},
  };
}
