import { fit, oneLine, pad, widthOf } from '../output/width.js';
import type { Paint } from '../output/style.js';
import { failed, seconds } from './words.js';

/** One resource, as last heard of. Times are milliseconds since the request came in. */
export interface Row {
  title: string;
  state: string;
  done: boolean;
  message: string;
  startedMs: number;
  endedMs: number;
}

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** `[+] 3/5`, and how many have no line of their own */
export function summaryLine(rows: readonly Row[], shown: number, width: number): string {
  const done = rows.filter((row) => row.done).length;
  const hidden = rows.length > shown ? `, ${rows.length - shown} more` : '';
  return fit(`[+] ${done}/${rows.length}${hidden}`, width);
}

function symbolOf(row: Row, frame: number | 'last'): string {
  if (row.done) return failed(row) ? '✘' : '✔';
  // Nobody redraws the last frame: what is still under way then goes on without us.
  return frame === 'last' ? '·' : (SPINNER[frame % SPINNER.length] ?? ' ');
}

/** ` ✔ Container shop-web-1  Started    0.4s`: the seconds stand at the right as long as there is room for the rest. */
export function rowLine(
  row: Row,
  at: { elapsedMs: number; frame: number | 'last'; width: number; titles: number },
  paint: Paint,
): string {
  const symbol = symbolOf(row, at.frame);
  const time = seconds((row.done ? row.endedMs : Math.max(at.elapsedMs, row.endedMs)) - row.startedMs);
  const text = `${pad(row.title, at.titles)}  ${row.state}${row.message ? `: ${oneLine(row.message)}` : ''}`;
  const room = at.width - 3 - time.length - 1;
  const colour = failed(row) ? 'red' : row.done ? 'green' : 'yellow';
  if (at.width < 4) return paint(colour, symbol);
  if (room < 8) return `${paint(colour, symbol)} ${fit(text, at.width - 2)}`;
  const shown = fit(text, room);
  return ` ${paint(colour, symbol)} ${shown}${' '.repeat(room - widthOf(shown) + 1)}${paint('dim', time)}`;
}
