/** Docker's multiplexed streams: stream number, three zero bytes, length as 32-bit big-endian, then the payload. */
const HEADER_BYTES = 8;

export interface Frame {
  stream: 'stdout' | 'stderr';
  payload: Buffer;
  /** the frame ends with this payload */
  ends: boolean;
  /** not what a program wrote, but the daemon's word on why there is no more */
  failure: boolean;
}

/** Takes a multiplexed stream in pieces of any size, and gives payloads as they come, without waiting for whole frames. */
export class FrameReader {
  private header = Buffer.alloc(0);
  private left = 0;
  private number = 1;

  *read(chunk: Buffer): Generator<Frame> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.left === 0) {
        const wanted = HEADER_BYTES - this.header.length;
        this.header = Buffer.concat([this.header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (this.header.length < HEADER_BYTES) return;
        this.number = this.header[0]!;
        this.left = this.header.readUInt32BE(4);
        this.header = Buffer.alloc(0);
      } else {
        const payload = rest.subarray(0, this.left);
        rest = rest.subarray(payload.length);
        this.left -= payload.length;
        const stream = this.number === 2 ? 'stderr' : 'stdout';
        yield { stream, payload, ends: this.left === 0, failure: this.number === 3 };
      }
    }
  }
}
