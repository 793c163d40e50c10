import { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { internal } from '#lib/common';

/** One value of a stream is small; this is far more than any engine sends. */
const LINE_LIMIT = 4 << 20;

/** JSON values, one a line, each as those that `change` makes of it. */
export function changedLines(change: (json: unknown) => readonly unknown[]): Transform {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  const lines = (text: string): string => {
    const parts = (pending + text).split('\n');
    pending = parts.pop()!;
    if (pending.length > LINE_LIMIT)
      throw internal(`the container engine sent a line of more than ${LINE_LIMIT} bytes`);
    const changed = parts.flatMap((line) => (line.trim() === '' ? [] : change(JSON.parse(line))));
    return changed.map((value) => `${JSON.stringify(value)}\n`).join('');
  };
  const attempt = (text: string, done: (error: Error | null, out?: string) => void) => {
    let out: string;
    try {
      out = lines(text);
    } catch (error) {
      done(error as Error);
      return;
    }
    done(null, out);
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => attempt(decoder.write(chunk), done),
    flush: (done) => attempt(pending === '' ? '' : '\n', done),
  });
}
