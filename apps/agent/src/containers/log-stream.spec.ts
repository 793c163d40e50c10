import { expect, it } from 'vitest';
import type { LogPart } from '#lib/engine';
import { logPieces } from './log-stream.js';

const part = (text: string, more: Partial<LogPart> = {}): LogPart => ({
  stream: 'stdout',
  time: '2026-01-01T00:00:01.000000000Z',
  data: Buffer.from(text),
  first: true,
  ...more,
});

it('says of each piece when the last of it was written, of what is shown', async () => {
  async function* log() {
    yield [part('one\n'), part('hidden\n', { stream: 'stderr', time: '2026-01-01T00:00:02.000000000Z' })];
    yield [part('hidden\n', { stream: 'stderr' })];
    yield [part('two\n'), part('bit by bit\n', { last: '2026-01-01T00:00:03.000000000Z' })];
  }
  const form = { stdout: true, stderr: false, timestamps: false, details: undefined, framed: false };
  const pieces = [];
  for await (const { data, time } of logPieces(log(), form)) pieces.push([data.toString(), time]);
  expect(pieces).toEqual([
    ['one\n', '2026-01-01T00:00:01.000000000Z'],
    ['two\nbit by bit\n', '2026-01-01T00:00:03.000000000Z'],
  ]);
});
