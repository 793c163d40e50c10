import type { EventEmitter } from 'node:events';
import type { ProgressEvent } from '#lib/contracts';
import { oneLine } from '../output/width.js';
import type { Paint } from '../output/style.js';
import type { Output } from '../system.js';
import { Canvas } from './canvas.js';
import { planLines } from './plan.js';
import type { Reporter } from './reporter.js';
import { type Row, rowLine, summaryLine } from './rows.js';
import { titleOf } from './words.js';

const FRAME_MS = 100;

/** A line for each resource with its state and seconds, redrawn in place while there is work. */
export class TerminalReporter implements Reporter {
  private readonly rows = new Map<string, Row>();
  private readonly canvas: Canvas;
  private readonly born: number;
  private frame = 0;
  private timer?: NodeJS.Timeout;
  private readonly redraw = () => this.draw();

  constructor(
    private readonly out: Output,
    private readonly paint: Paint,
    private readonly signals: EventEmitter,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.canvas = new Canvas(out);
    this.born = now();
    signals.on('SIGWINCH', this.redraw);
  }

  show(event: ProgressEvent): void {
    if (event.type === 'warning') this.canvas.above(`${this.paint('yellow', 'warning')}: ${oneLine(event.message)}`);
    if (event.type === 'plan') this.canvas.above(planLines(event).join('\n'));
    if (event.type !== 'progress') return;
    const key = `${event.resource} ${event.name}`;
    const before = this.rows.get(key);
    const startedMs = before && !before.done ? before.startedMs : event.elapsedMs;
    this.rows.set(key, {
      title: titleOf(event),
      state: event.state,
      done: event.done,
      message: event.message ?? '',
      startedMs,
      endedMs: event.elapsedMs,
    });
    // Events come in bursts: the next frame shows them together.
    this.timer ??= setInterval(this.redraw, FRAME_MS);
  }

  end(): void {
    clearInterval(this.timer);
    this.signals.off('SIGWINCH', this.redraw);
    if (this.rows.size > 0) this.canvas.finish(this.lines(Number.POSITIVE_INFINITY, 'last'));
  }

  private draw(): void {
    this.frame += 1;
    if (this.rows.size > 0) this.canvas.draw(this.lines(Math.max(2, (this.out.rows ?? 24) - 1), this.frame));
  }

  /** The summary and a line for each resource; when `height` is too low for all, those in work first. */
  private lines(height: number, frame: number | 'last'): string[] {
    const width = Math.max(1, (this.out.columns ?? 80) - 1);
    const rows = [...this.rows.values()];
    const room = height - 1;
    const shown =
      rows.length <= room ? rows : [...rows.filter((r) => !r.done), ...rows.filter((r) => r.done)].slice(0, room);
    const titles = Math.max(...shown.map(({ title }) => title.length));
    const at = { elapsedMs: this.now() - this.born, frame, width, titles };
    return [summaryLine(rows, shown.length, width), ...shown.map((row) => rowLine(row, at, this.paint))];
  }
}
