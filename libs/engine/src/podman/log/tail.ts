import { parseEntry, type LogEntry } from './entry.js';

const BLOCK = 64 << 10;
/** The parts of one line lie within so many bytes, or the line is taken to begin with the parts that do. */
const LOOK_BACK = 4 << 20;
/** No entry is longer; what is, is damaged. */
const LONGEST = 1 << 20;
const STREAMS = ['stdout', 'stderr'] as const;

/** A file, or what is read like one. */
export interface Bytes {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** Where the last lines begin: for each stream the offset that its first wanted entry lies at or behind. */
export type TailStart = Record<LogEntry['stream'], number>;

/**
 * Finds the last whole lines of both streams together, those that end last, by reading backwards. The parts of a line
 * may lie between entries of the other stream, so each stream has a beginning of its own.
 * @param size reads nothing behind this offset, where an entry begins or the file ends
 */
export async function tailStart(file: Bytes, size: number, count: number): Promise<TailStart> {
  const from: Partial<TailStart> = {};
  /** a wanted line of the stream whose beginning has not been seen yet */
  const open = { stdout: false, stderr: false };
  const seen: TailStart = { stdout: 0, stderr: 0 };
  let left = count;
  let floor = 0;
  if (left === 0) return { stdout: size, stderr: size };
  for await (const { entry, begin, end } of entriesBackwards(file, size, () => floor)) {
    const { stream, ends } = entry;
    if (from[stream] === undefined && (ends || !open[stream])) {
      if (left > 0) left--;
      else from[stream] = end;
      open[stream] = from[stream] === undefined;
      if (left === 0 && floor === 0) floor = Math.max(0, begin - LOOK_BACK);
    }
    seen[stream] = begin;
    for (const each of STREAMS) if (left === 0 && !open[each]) from[each] ??= begin;
    if (from.stdout !== undefined && from.stderr !== undefined) break;
  }
  const startOf = (stream: LogEntry['stream']) => from[stream] ?? (open[stream] ? seen[stream] : 0);
  return { stdout: startOf('stdout'), stderr: startOf('stderr') };
}

/** @param floor asked before each block: nothing before this offset is wanted any more */
async function* entriesBackwards(file: Bytes, size: number, floor: () => number) {
  /** the beginning of what has been read, whose own beginning may lie before it */
  let rest: Buffer = Buffer.alloc(0);
  for (let at = size; at > floor();) {
    const length = Math.min(BLOCK, at);
    at -= length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    // Somebody cut the file meanwhile.
    if (bytesRead < length) return;
    let bytes = rest.length === 0 ? buffer : Buffer.concat([buffer, rest]);
    for (;;) {
      const feed = bytes.length < 2 ? -1 : bytes.lastIndexOf(10, bytes.length - 2);
      if (feed < 0 && at > 0) break;
      const line = bytes.subarray(feed + 1);
      const entry = line.at(-1) === 10 ? parseEntry(line) : undefined;
      if (entry) yield { entry, begin: at + feed + 1, end: at + bytes.length };
      bytes = bytes.subarray(0, feed + 1);
      if (bytes.length === 0) break;
    }
    rest = bytes.length > LONGEST ? Buffer.alloc(0) : bytes;
  }
}
