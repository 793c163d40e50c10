/** Docker's multiplexed streams: stream number, three zero bytes, length as 32-bit big-endian, then the payload. */
const HEADER_BYTES = 8;

export interface Frame {
  stream: 'stdout' | 'stderr';
  payload: Buffer;
}

/** Takes a multiplexed stream in pieces of any size, and gives payloads as they come, without waiting for whole frames. */
export class FrameReader {
  private header = Buffer.alloc(0);
  private left = 0;
  private stream: Frame['stream'] = 'stdout';

  *read(chunk: Buffer): Generator<Frame> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.left === 0) {
        const wanted = HEADER_BYTES - this.header.length;
        this.header = Buffer.concat([this.header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (this.header.length < HEADER_BYTES) return;
        this.stream = this.header[0] === 2 ? 'stderr' : 'stdout';
        this.left = this.header.readUInt32BE(4);
        this.header = Buffer.alloc(0);
      } else {
        const payload = rest.subarray(0, this.left);
        rest = rest.subarray(payload.length);
        this.left -= payload.length;
        yield { stream: this.stream, payload };
      }
    }
  }
}
