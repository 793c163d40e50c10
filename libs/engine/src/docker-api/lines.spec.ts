import { describe, expect, it } from 'vitest';
import { LineAssembler } from './lines.js';

type Piece = ['stdout' | 'stderr', string];

/** `out a`, or with a time `out [T] a` */
function assemble(timestamps: boolean, pieces: Piece[], framed = true): string[] {
  const lines = new LineAssembler(timestamps);
  const all = [...pieces.flatMap(([stream, text]) => [...lines.push(stream, text, framed)]), ...lines.flush()];
  return all.map(({ stream, time, line }) => `${stream.slice(3)} ${time ? `[${time}] ` : ''}${line}`);
}

const T1 = '2026-01-02T03:04:05.000000001Z';
const T2 = '2026-01-02T03:04:06+01:00';

describe('LineAssembler', () => {
  it.each<[string, boolean, Piece[], string[]]>([
    ['one line', false, [['stdout', 'a\n']], ['out a']],
    ['several lines in a frame', false, [['stdout', 'a\n\nb\n']], ['out a', 'out ', 'out b']],
    [
      'a line in two frames',
      false,
      [
        ['stdout', 'a'],
        ['stdout', 'b\n'],
      ],
      ['out ab'],
    ],
    [
      'streams do not mix',
      false,
      [
        ['stdout', 'a'],
        ['stderr', 'x\n'],
        ['stdout', 'b\n'],
      ],
      ['err x', 'out ab'],
    ],
    ['an unfinished last line', false, [['stdout', 'a\nb']], ['out a', 'out b']],
    ['a carriage return of a terminal', false, [['stdout', 'a\r\n']], ['out a']],
    ['a time that nobody asked for is text', false, [['stdout', `${T1} a\n`]], [`out ${T1} a`]],
    [
      'times',
      true,
      [
        ['stdout', `${T1} a\n`],
        ['stderr', `${T2} b\n`],
      ],
      [`out [${T1}] a`, `err [${T2}] b`],
    ],
    [
      'the first time of a line in pieces',
      true,
      [
        ['stdout', `${T1} a`],
        ['stdout', `${T2} b\n`],
      ],
      [`out [${T1}] ab`],
    ],
    ['an empty line with a time', true, [['stdout', `${T1} \n`]], [`out [${T1}] `]],
  ])('%s', (_what, timestamps, pieces, lines) => {
    expect(assemble(timestamps, pieces)).toEqual(lines);
  });

  it('takes times off at the beginning of lines alone in a stream without frames', () => {
    const pieces: Piece[] = [
      ['stdout', `${T1} a`],
      ['stdout', `${T2} b\r\n${T2} c\r\n`],
    ];
    expect(assemble(true, pieces, false)).toEqual([`out [${T1}] a${T2} b`, `out [${T2}] c`]);
  });
});
