import { StringDecoder } from 'node:string_decoder';
import { unavailable } from '#lib/common';

/** The JSON values of a stream, one a line, however its bytes were cut. A last line without its end was cut off: an error. */
export async function* ndjson<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parse<T>(line);
  }
  if (rest.trim() !== '') yield parse<T>(rest);
}

function parse<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    const shown = line.length > 80 ? `${line.slice(0, 80)}…` : line;
    throw unavailable(`the daemon's answer is cut off or not JSON: ${shown}`, error);
  }
}
