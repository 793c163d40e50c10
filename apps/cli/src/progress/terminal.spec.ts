import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '#lib/contracts';
import { coloured, plain } from '../output/style.js';
import type { Output } from '../system.js';
import { Canvas } from './canvas.js';
import { TerminalReporter } from './terminal.js';

const ESC = '\x1b';
/** How far up the cursor moves, clearing below, another escape sequence, or a character. */
const TOKENS = new RegExp(`${ESC}\\[(?:(\\d+)A|(J)|[\\d;?]*[a-zA-Z])|[^]`, 'gu');

/** As much of a terminal as the canvas uses: wraps at its width, scrolls, moves up, clears below; colours are dropped. */
class FakeTerminal {
  private cells: string[][] = [[]];
  private row = 0;
  private column = 0;
  /** first row that is on the screen: what is above cannot be reached any more */
  private top = 0;

  constructor(
    public columns: number,
    public rows: number,
  ) {}

  write(text: string): boolean {
    for (const [token, up, clear] of text.matchAll(TOKENS)) {
      if (up) this.row = Math.max(this.top, this.row - Number(up));
      else if (clear) this.clearBelow();
      else if (token === '\r') this.column = 0;
      else if (token === '\n') this.newline();
      else if (!token.startsWith(ESC)) this.put(token);
    }
    return true;
  }

  /** Narrower: every line wraps anew, as terminals do that reflow. */
  resize(columns: number): void {
    const lines = this.cells.map((cells) => cells.join('').trimEnd());
    const before = this.row;
    this.columns = columns;
    this.cells = [];
    lines.forEach((line, index) => {
      if (index === before) this.row = this.cells.length;
      const parts = line === '' ? [''] : (line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? []);
      for (const part of parts) this.cells.push([...part]);
    });
    this.top = Math.max(0, this.row + 1 - this.rows);
  }

  /** everything that was ever on the screen, without empty lines at the end */
  get text(): string[] {
    const lines = this.cells.map((cells) => cells.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  private put(character: string): void {
    if (this.column >= this.columns) this.newline();
    const cells = (this.cells[this.row] ??= []);
    while (cells.length < this.column) cells.push(' ');
    cells[this.column++] = character;
  }

  private newline(): void {
    this.row += 1;
    this.column = 0;
    this.cells[this.row] ??= [];
    this.top = Math.max(this.top, this.row + 1 - this.rows);
  }

  private clearBelow(): void {
    this.cells.length = this.row + 1;
    this.cells[this.row] = (this.cells[this.row] ?? []).slice(0, this.column);
  }
}

const output = (terminal: FakeTerminal) => terminal as unknown as Output;

function reporterOn(terminal: FakeTerminal, paint = plain) {
  const signals = new EventEmitter();
  const time = { now: 0 };
  const reporter = new TerminalReporter(output(terminal), paint, signals, () => time.now);
  return { reporter, frame: () => signals.emit('SIGWINCH'), signals, time };
}

const change = (name: string, state: string, elapsedMs: number, done = false, message?: string): ProgressEvent => ({
  type: 'progress',
  resource: 'container',
  name,
  state,
  done,
  elapsedMs,
  ...(message !== undefined && { message }),
});

describe('TerminalReporter', () => {
  it('redraws a line for each resource in place', () => {
    const terminal = new FakeTerminal(60, 24);
    const { reporter, frame, time } = reporterOn(terminal);
    reporter.show(change('p-web-1', 'Creating', 0));
    time.now = 1500;
    frame();
    expect(terminal.text).toEqual(['[+] 0/1', ' ⠙ Container p-web-1  Creating                         1.5s']);
    reporter.show(change('p-web-1', 'Started', 1700, true));
    reporter.show(change('p-db-with-a-long-name-1', 'Starting', 1700));
    frame();
    reporter.show(change('p-db-with-a-long-name-1', 'Error', 2000, true, 'no such\nimage: x'));
    reporter.end();
    expect(terminal.text).toEqual([
      '[+] 2/2',
      ' ✔ Container p-web-1                  Started          1.7s',
      ' ✘ Container p-db-with-a-long-name-1  Error: no such … 0.3s',
    ]);
  });

  it('keeps warnings above the lines', () => {
    const terminal = new FakeTerminal(60, 24);
    const { reporter, frame } = reporterOn(terminal);
    reporter.show(change('a', 'Creating', 0));
    frame();
    reporter.show({ type: 'warning', message: 'careful' });
    frame();
    reporter.show(change('a', 'Created', 10, true));
    reporter.end();
    expect(terminal.text.map((line) => line.split('  ')[0])).toEqual(['warning: careful', '[+] 1/1', ' ✔ Container a']);
  });

  it('shows what is in work when there are more resources than rows, and all of them at the end', () => {
    const terminal = new FakeTerminal(60, 8);
    const { reporter, frame } = reporterOn(terminal);
    for (let i = 0; i < 30; i++) reporter.show(change(`c${i}`, 'Created', 0, i < 20));
    for (let i = 0; i < 5; i++) frame();
    expect(terminal.text).toHaveLength(7);
    expect(terminal.text[0]).toBe('[+] 20/30, 24 more');
    expect(terminal.text[1]).toContain('Container c20');
    for (let i = 0; i < 30; i++) reporter.show(change(`c${i}`, 'Started', 0, true));
    reporter.end();
    expect(terminal.text).toHaveLength(31);
    expect(terminal.text[30]).toContain('Container c29');
  });

  it.each([1, 2, 5, 12, 20])('never wraps in %i columns', (columns) => {
    const terminal = new FakeTerminal(columns, 24);
    const { reporter, frame } = reporterOn(terminal, coloured);
    reporter.show(change('a-rather-long-name-1', 'Starting', 0));
    reporter.show(change('größe-日本語-🐝-1', 'Starting', 0));
    for (let i = 0; i < 3; i++) frame();
    expect(terminal.text.length).toBeLessThanOrEqual(3);
    reporter.end();
    expect(terminal.text.length).toBeLessThanOrEqual(3);
  });

  it('leaves nothing behind when the terminal becomes narrower', () => {
    const terminal = new FakeTerminal(60, 24);
    const { reporter, frame } = reporterOn(terminal);
    reporter.show(change('p-web-1', 'Creating', 0));
    reporter.show(change('p-db-1', 'Creating', 0));
    frame();
    terminal.resize(25);
    frame();
    expect(terminal.text).toHaveLength(3);
    expect(terminal.text[0]).toBe('[+] 0/2');
    reporter.end();
  });

  it('ends without a spinner for what is still under way', () => {
    const terminal = new FakeTerminal(40, 24);
    const { reporter } = reporterOn(terminal);
    reporter.show(change('a', 'Starting', 0));
    reporter.end();
    expect(terminal.text[1]).toMatch(/^ · Container a  Starting/);
  });

  it('stops its timer and listeners at the end', () => {
    const { reporter, signals } = reporterOn(new FakeTerminal(60, 24));
    reporter.show(change('a', 'Creating', 0));
    expect(signals.listenerCount('SIGWINCH')).toBe(1);
    reporter.end();
    expect(signals.listenerCount('SIGWINCH')).toBe(0);
  });
});

it('Canvas leaves what was there before alone', () => {
  const terminal = new FakeTerminal(20, 5);
  terminal.write('$ skep up\n');
  const canvas = new Canvas(output(terminal));
  canvas.draw(['one', 'two']);
  canvas.draw(['three']);
  canvas.finish(['four', 'five']);
  terminal.write('$ ');
  expect(terminal.text).toEqual(['$ skep up', 'four', 'five', '$']);
});
