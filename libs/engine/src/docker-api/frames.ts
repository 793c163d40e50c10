import type { LogPart } from '../engine.js';

export interface Frame {
  stream: LogPart['stream'];
  data: Buffer;
}

const HEADER = 8;

/**
 * Takes Docker's multiplexed stream apart: a frame is [stream, 0, 0, 0, length as 32 bits big endian] and that many
 * bytes. Chunks may end anywhere.
 */
export async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
    let at = 0;
    while (pending.length - at >= HEADER) {
      const end = at + HEADER + pending.readUInt32BE(at + 4);
      if (pending.length < end) break;
      yield { stream: pending[at] === 2 ? 'stderr' : 'stdout', data: pending.subarray(at + HEADER, end) };
      at = end;
    }
    pending = pending.subarray(at);
  }
}
