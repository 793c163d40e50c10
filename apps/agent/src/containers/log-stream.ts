import { Readable } from 'node:stream';
import type { LogPart } from '#lib/engine';
import { frameHeader } from '#lib/http';

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

/** Some of a log at once. */
export interface LogPiece {
  data: Buffer;
  /** when the last of it was written: RFC 3339 in UTC with nine digits */
  time: string;
}

/** A log as Docker's clients read it. */
export async function* logPieces(log: AsyncIterable<readonly LogPart[]>, form: LogForm): AsyncGenerator<LogPiece> {
  for await (const parts of log) {
    const shown = parts.filter(({ stream }) => form[stream]);
    const last = shown.at(-1);
    if (!last) continue;
    yield { data: Buffer.concat(shown.flatMap((part) => written(part, form))), time: last.last ?? last.time };
  }
}

/** The same for who takes bytes. */
export function bytesOf(pieces: AsyncIterable<LogPiece>): Readable {
  return Readable.from(dataOf(pieces), { objectMode: false });
}

async function* dataOf(pieces: AsyncIterable<LogPiece>): AsyncGenerator<Buffer> {
  for await (const { data } of pieces) yield data;
}

function written({ stream, time, data, first }: LogPart, form: LogForm): Buffer[] {
  const { timestamps, details, eachPiece = false, framed } = form;
  const prefix =
    first || eachPiece ? (timestamps ? `${time} ` : '') + (details === undefined ? '' : `${details} `) : '';
  const content = prefix === '' ? [data] : [Buffer.from(prefix), data];
  if (!framed) return content;
  const length = content.reduce((sum, each) => sum + each.length, 0);
  return [frameHeader(stream === 'stderr' ? 2 : 1, length), ...content];
}
