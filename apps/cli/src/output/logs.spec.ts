import { describe, expect, it } from 'vitest';
import { testSystem } from '../testing/test-system.js';
import { LogPrinter, type LogStyle } from './logs.js';
import { coloured, plain } from './style.js';

function printed(style: Partial<LogStyle>, print: (printer: LogPrinter) => void): string {
  const { system, written } = testSystem();
  print(new LogPrinter(system, { project: 'p', paint: plain, prefix: true, timestamps: false, names: [], ...style }));
  return written.stdout;
}

describe('LogPrinter', () => {
  it('aligns names without the project, and grows for longer ones', () => {
    const text = printed({ names: ['p-web-1', 'p-database-1'] }, (printer) => {
      printer.print({ container: 'p-web-1', line: 'hello' });
      printer.print({ container: 'p-database-1', line: 'ready' });
      printer.print({ container: 'my-own-container-name', line: 'late' });
      printer.note('p-web-1', 'exited with code 0');
    });
    expect(text.split('\n')).toEqual([
      'web-1       | hello',
      'database-1  | ready',
      'my-own-container-name  | late',
      'web-1                  | exited with code 0',
      '',
    ]);
  });

  it('gives each container a colour of its own and keeps it', () => {
    const text = printed({ paint: coloured, names: ['p-a-1', 'p-b-1'] }, (printer) => {
      for (const name of ['p-a-1', 'p-b-1', 'p-a-1']) printer.print({ container: name, line: 'x' });
    });
    expect(text).toBe('\x1b[36ma-1  | \x1b[0mx\n\x1b[33mb-1  | \x1b[0mx\n\x1b[36ma-1  | \x1b[0mx\n');
  });

  it('shows times when asked for, and no prefix when not wanted', () => {
    const event = { container: 'p-a-1', line: 'x\r\n', time: '2026-01-02T03:04:05.000000006Z' };
    expect(printed({ timestamps: true }, (printer) => printer.print(event))).toBe(`a-1  | ${event.time} x\n`);
    expect(printed({ prefix: false }, (printer) => printer.print(event))).toBe('x\n');
  });

  it('says on stderr what the node has to say of a container', () => {
    const { system, written } = testSystem();
    const printer = new LogPrinter(system, { project: 'p', paint: plain, prefix: true, timestamps: false, names: [] });
    printer.print({ container: 'p-web-1', line: 'no log to read', time: 'T', note: true });
    expect(written).toEqual({ stdout: '', stderr: 'skep: warning: p-web-1: no log to read\n' });
  });
});
