import { Readable } from 'node:stream';
import type { LogPart } from '#lib/engine';

export interface LogForm {
  stdout: boolean;
  stderr: boolean;
  /** the moment in front of each line */
  timestamps: boolean;
  /** what stands in front of each line beside it; undefined: nothing */
  details: string | undefined;
  /** in front of every piece of a long line, and not of the first alone: for clients that read frame by frame */
  eachPiece?: boolean;
  /** each part in a frame of Docker's multiplexed stream; false: bytes, as a terminal shows them */
  framed: boolean;
}

const HEADER = 8;

/** A log as Docker's clients read it. */
export function logStream(log: AsyncIterable<readonly LogPart[]>, form: LogForm): Readable {
  return Readable.from(chunks(log, form), { objectMode: false });
}

async function* chunks(log: AsyncIterable<readonly LogPart[]>, form: LogForm): AsyncGenerator<Buffer> {
  for await (const parts of log) {
    const bytes = parts.filter(({ stream }) => form[stream]).flatMap((part) => written(part, form));
    if (bytes.length > 0) yield Buffer.concat(bytes);
  }
}

function written({ stream, time, data, first }: LogPart, form: LogForm): Buffer[] {
  const { timestamps, details, eachPiece = false, framed } = form;
  const prefix =
    first || eachPiece ? (timestamps ? `${time} ` : '') + (details === undefined ? '' : `${details} `) : '';
  const content = prefix === '' ? [data] : [Buffer.from(prefix), data];
  if (!framed) return content;
  const header = Buffer.alloc(HEADER);
  header[0] = stream === 'stderr' ? 2 : 1;
  header.writeUInt32BE(
    content.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  return [header, ...content];
}
