import type { LogEvent } from '#lib/contracts';
import type { System } from '../system.js';
import type { Colour, Paint } from './style.js';
import { pad, widthOf } from './width.js';

/** Docker Compose's order of colours. */
const PALETTE: readonly Colour[] = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'brightCyan',
  'brightYellow',
  'brightGreen',
  'brightMagenta',
  'brightBlue',
];

export interface LogStyle {
  project: string;
  paint: Paint;
  prefix: boolean;
  timestamps: boolean;
  /** container names that are known beforehand, for the width of the prefixes */
  names: readonly string[];
}

/**
 * Prints what containers wrote: `web-1  | line`, prefixes aligned, a colour for each container. What the node has to say
 * of them is no output of theirs: it goes to stderr.
 */
export class LogPrinter {
  private readonly colours = new Map<string, Colour>();
  private width: number;

  constructor(
    private readonly to: Pick<System, 'stdout' | 'stderr'>,
    private readonly style: LogStyle,
  ) {
    this.width = Math.max(0, ...style.names.map((name) => widthOf(this.shortName(name))));
  }

  print(event: Pick<LogEvent, 'container' | 'line' | 'time' | 'note'>): void {
    if (event.note) {
      this.to.stderr.write(`skep: warning: ${event.container}: ${event.line}\n`);
      return;
    }
    const time = this.style.timestamps && event.time ? `${event.time} ` : '';
    this.to.stdout.write(`${this.prefixOf(event.container)}${time}${event.line.replace(/\r?\n$/, '')}\n`);
  }

  /** a word of ours about a container, where its lines stand */
  note(container: string, text: string): void {
    this.to.stdout.write(`${this.prefixOf(container)}${text}\n`);
  }

  private prefixOf(container: string): string {
    if (!this.style.prefix) return '';
    const name = this.shortName(container);
    this.width = Math.max(this.width, widthOf(name));
    return this.style.paint(this.colourOf(name), `${pad(name, this.width)}  | `);
  }

  private shortName(container: string): string {
    const project = `${this.style.project}-`;
    return container.startsWith(project) ? container.slice(project.length) : container;
  }

  private colourOf(name: string): Colour {
    let colour = this.colours.get(name);
    if (!colour) {
      colour = PALETTE[this.colours.size % PALETTE.length] ?? 'cyan';
      this.colours.set(name, colour);
    }
    return colour;
  }
}
