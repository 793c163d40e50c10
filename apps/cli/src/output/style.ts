import type { GlobalOptions } from '../context.js';
import type { Output, System } from '../system.js';

const CODES = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  brightGreen: '92',
  brightYellow: '93',
  brightBlue: '94',
  brightMagenta: '95',
  brightCyan: '96',
} as const;
export type Colour = keyof typeof CODES;

/** Puts a colour around a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

export const plain: Paint = (_colour, text) => text;
export const coloured: Paint = (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;

/** --ansi decides; else NO_COLOR (https://no-color.org: set and not empty); else whether `to` is a terminal. */
export function paintFor(to: Output, system: System, globals: Pick<GlobalOptions, 'ansi'>): Paint {
  if (globals.ansi !== 'auto') return globals.ansi === 'always' ? coloured : plain;
  return to.isTTY && !system.env.NO_COLOR && system.env.TERM !== 'dumb' ? coloured : plain;
}
