import { describe, expect, it } from 'vitest';
import { frames } from './frames.js';

function frame(stream: 1 | 2, data: Buffer): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

async function* inChunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const BYTES = Buffer.concat([
  frame(1, Buffer.from('hello\n')),
  frame(2, Buffer.alloc(0)),
  frame(2, Buffer.from('no\n')),
]);

describe('frames', () => {
  it.each([1, 2, 7, 8, 9, 1000])('come out whole from chunks of %i bytes', async (size) => {
    const all: string[] = [];
    for await (const { stream, data } of frames(inChunksOf(BYTES, size))) all.push(`${stream} ${data.toString()}`);
    expect(all).toEqual(['stdout hello\n', 'stderr ', 'stderr no\n']);
  });

  it('leave out what was cut off', async () => {
    const all: string[] = [];
    for await (const { data } of frames(inChunksOf(BYTES.subarray(0, -1), 5))) all.push(data.toString());
    expect(all).toEqual(['hello\n', '']);
  });
});
