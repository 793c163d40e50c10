import type { LogPart } from '../../engine.js';
import { inUtc } from '../../logs/log-time.js';

/** A line of the log file: what Podman's monitor (conmon) got from the container in one read, up to a line feed. */
export interface LogEntry {
  stream: LogPart['stream'];
  /** RFC 3339 in UTC with nine digits */
  time: string;
  /** with its line feed, where the container wrote one */
  data: Buffer;
  /** the container's line ends here */
  ends: boolean;
}

/** TIME STREAM TAG, a blank each; the tag is F (the line is full) or P (it is a part). */
const HEADER = /^(\S{20,40}) (stdout|stderr) ([FP])(?: |\n)/;
const HEADER_LIMIT = 64;

/**
 * Takes a line of Kubernetes' log format apart.
 * @param line with its line feed
 * @returns undefined: it is damaged, as by a machine that lost power
 */
export function parseEntry(line: Buffer): LogEntry | undefined {
  const [header, text = '', stream, tag] = HEADER.exec(line.toString('latin1', 0, HEADER_LIMIT)) ?? [];
  const time = inUtc(text);
  if (header === undefined || time === undefined) return undefined;
  const ends = tag === 'F';
  const begin = header.endsWith('\n') ? line.length - 1 : header.length;
  return {
    stream: stream as LogEntry['stream'],
    time,
    data: line.subarray(begin, ends ? line.length : Math.max(begin, line.length - 1)),
    ends,
  };
}
