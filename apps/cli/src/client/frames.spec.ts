import { describe, expect, it } from 'vitest';
import { FrameReader } from './frames.js';

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const BYTES = Buffer.concat([frame(1, 'out one'), frame(2, 'err'), frame(1, ''), frame(1, 'out two')]);

describe('FrameReader', () => {
  it('separates the streams wherever the bytes are cut', () => {
    for (let size = 1; size <= BYTES.length; size++) {
      const reader = new FrameReader();
      const got = { stdout: '', stderr: '' };
      for (let at = 0; at < BYTES.length; at += size) {
        for (const { stream, payload } of reader.read(BYTES.subarray(at, at + size))) got[stream] += payload.toString();
      }
      expect(got).toEqual({ stdout: 'out oneout two', stderr: 'err' });
    }
  });

  it('gives a payload before its frame is complete', () => {
    const reader = new FrameReader();
    const [first] = [...reader.read(frame(1, 'prompt> rest').subarray(0, 16))];
    expect(first?.payload.toString()).toBe('prompt> ');
  });
});
