/** Before each piece of Docker's multiplexed streams: number of the stream, three zero bytes, length in 32 bits big endian. */
export const FRAME_HEADER = 8;

/** @param stream 1: output, 2: error output, 3: the daemon's word on why there is no more */
export function frameHeader(stream: 1 | 2 | 3, length: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER);
  header[0] = stream;
  header.writeUInt32BE(length, 4);
  return header;
}

export function streamFrame(stream: 1 | 2 | 3, text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([frameHeader(stream, content.length), content]);
}
