import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../output/width.js';
import type { Output } from '../system.js';

const CLEAR_BELOW = '\x1b[J';

/**
 * Lines at the bottom of a terminal that are drawn over and over. Invariant between two calls: the cursor stands at the
 * start of the line below the last drawn one. The cursor stays visible: nobody could restore it after a SIGINT.
 */
export class Canvas {
  /** cells of each line drawn last */
  private drawn: number[] = [];

  constructor(private readonly out: Output) {}

  /** Replaces what was drawn. No line may be wider than the terminal. */
  draw(lines: readonly string[]): void {
    this.out.write(`${this.home()}${lines.map((line) => `${line}\n`).join('')}`);
    this.drawn = lines.map((line) => widthOf(stripVTControlCharacters(line)));
  }

  /** Writes text that stays above what is redrawn. */
  above(text: string): void {
    const kept = this.drawn.length > 0 ? this.home() : '';
    this.drawn = [];
    this.out.write(`${kept}${text}\n`);
  }

  /** Draws for the last time: from here on the lines are history. */
  finish(lines: readonly string[]): void {
    this.draw(lines);
    this.drawn = [];
  }

  /** Moves to the first drawn line. A terminal that became narrower has wrapped lines, which then take several rows. */
  private home(): string {
    const columns = Math.max(1, this.out.columns ?? 80);
    const rows = this.drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const up = Math.min(rows, Math.max(0, (this.out.rows ?? 24) - 1));
    return `\r${up > 0 ? `\x1b[${up}A` : ''}${CLEAR_BELOW}`;
  }
}
