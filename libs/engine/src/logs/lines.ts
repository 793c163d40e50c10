import { StringDecoder } from 'node:string_decoder';
import type { LogPart } from '../engine.js';
import { endsLine } from './log-part.js';

export interface LogLine {
  stream: LogPart['stream'];
  /** RFC 3339 in UTC with nine digits */
  time: string;
  line: string;
}

/** In characters. What is longer becomes several lines: nothing a person reads is. */
const LINE_LIMIT = 1 << 20;

interface Open {
  time: string;
  text: string;
  decoder: StringDecoder;
}

/** Lines as text, each with the time of its first part. A carriage return before the line feed is a terminal's. */
export async function* linesOf(log: AsyncIterable<readonly LogPart[]>): AsyncGenerator<LogLine> {
  const open = new Map<LogPart['stream'], Open>();
  const close = (stream: LogPart['stream'], { time, text, decoder }: Open): LogLine => {
    open.delete(stream);
    return { stream, time, line: (text + decoder.end()).replace(/\r?\n$|\r$/, '') };
  };
  for await (const parts of log) {
    for (const { stream, time, data } of parts) {
      const line = open.get(stream) ?? { time, text: '', decoder: new StringDecoder('utf8') };
      line.text += line.decoder.write(data);
      open.set(stream, line);
      if (endsLine(data) || line.text.length > LINE_LIMIT) yield close(stream, line);
    }
  }
  for (const [stream, line] of open) yield close(stream, line);
}
