import { describe, expect, it } from 'vitest';
import type { LogPart } from '../engine.js';
import { linesOf } from './lines.js';

type Piece = ['stdout' | 'stderr', string | Buffer];

/** `out [N] a`, where N is the number of the part that the line's time is of */
async function lines(...pieces: Piece[]): Promise<string[]> {
  const parts = pieces.map(([stream, text], n): LogPart => ({
    stream,
    time: String(n),
    data: Buffer.from(text),
    first: true,
  }));
  const all: string[] = [];
  for await (const { stream, time, line } of linesOf(
    (async function* () {
      for (const part of parts) yield [part];
    })(),
  ))
    all.push(`${stream.slice(3)} [${time}] ${line}`);
  return all;
}

describe('linesOf', () => {
  it.each<[string, Piece[], string[]]>([
    [
      'lines',
      [
        ['stdout', 'a\n'],
        ['stdout', '\n'],
        ['stderr', 'b\n'],
      ],
      ['out [0] a', 'out [1] ', 'err [2] b'],
    ],
    [
      'a line in parts has the time of its first',
      [
        ['stdout', 'a'],
        ['stdout', 'b\n'],
      ],
      ['out [0] ab'],
    ],
    [
      'streams do not mix',
      [
        ['stdout', 'a'],
        ['stderr', 'x\n'],
        ['stdout', 'b\n'],
      ],
      ['err [1] x', 'out [0] ab'],
    ],
    [
      'an unfinished last line',
      [
        ['stdout', 'a\n'],
        ['stdout', 'b'],
      ],
      ['out [0] a', 'out [1] b'],
    ],
    ['a carriage return of a terminal', [['stdout', 'a\rb\r\n']], ['out [0] a\rb']],
    [
      'a character that is cut in two',
      [
        ['stdout', Buffer.from('ü').subarray(0, 1)],
        ['stderr', 'x\n'],
        ['stdout', Buffer.concat([Buffer.from('ü').subarray(1), Buffer.from('\n')])],
      ],
      ['err [1] x', 'out [0] ü'],
    ],
  ])('%s', async (_what, pieces, expected) => {
    expect(await lines(...pieces)).toEqual(expected);
  });

  it('cuts what would fill the memory', async () => {
    const pieces = Array.from({ length: 30 }, (): Piece => ['stdout', 'x'.repeat(100_000)]);
    const all = await lines(...pieces, ['stdout', '\n']);
    expect(all.length).toBeGreaterThan(1);
    expect(all.join('').replace(/[^x]/g, '').length).toBe(3_000_000);
  });
});
