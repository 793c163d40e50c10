import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { secondsOf } from '#lib/common';
import type { LogOptions, LogPart } from '../engine.js';
import { endsLine } from '../logs/log-part.js';
import { dial } from './dial.js';
import { frames } from './frames.js';

/** RFC 3339 with nine digits in UTC, and a blank. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $/;
const TIME_LENGTH = 31;

/** The log of a container as Docker Engine has it; ends with the log, or when the signal is given. */
export async function logParts(
  docker: Docker,
  { Id, Config }: ContainerInspectInfo,
  options: LogOptions,
): Promise<AsyncIterable<LogPart[]>> {
  try {
    const stream = await dial<IncomingMessage>(docker, {
      method: 'GET',
      path: `/containers/${Id}/logs`,
      query: queryOf(options),
      stream: true,
      signal: options.signal,
    });
    return partsOf(stream, Config.Tty, options.signal);
  } catch (error) {
    if (options.signal?.aborted) return Readable.from([]);
    throw error;
  }
}

async function* partsOf(
  stream: IncomingMessage,
  tty: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogPart[]> {
  const begun = { stdout: false, stderr: false };
  try {
    for await (const { stream: name, data } of tty ? entriesOfTerminal(stream) : frames(stream)) {
      const time = data.subarray(0, TIME_LENGTH).toString('latin1');
      const part = { stream: name, time: time.trimEnd(), data: data.subarray(TIME_LENGTH), first: !begun[name] };
      begun[name] = !endsLine(data);
      yield [part];
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    stream.destroy();
  }
}

/** Without frames, entries are told apart by their times, at the beginning of each line. */
export async function* entriesOfTerminal(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ stream: 'stdout'; data: Buffer }> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
    for (let end = endOf(pending); end > 0; end = endOf(pending)) {
      yield { stream: 'stdout', data: pending.subarray(0, end) };
      pending = pending.subarray(end);
    }
  }
  if (pending.length >= TIME_LENGTH) yield { stream: 'stdout', data: pending };
}

/** Of the first entry: behind its line feed, or where the next one's time begins; 0: not known yet. */
function endOf(bytes: Buffer): number {
  const feed = bytes.indexOf(10) + 1;
  const limit = feed || bytes.length;
  for (let at = bytes.indexOf('Z ', TIME_LENGTH, 'latin1'); at >= 0 && at < limit; at = bytes.indexOf('Z ', at + 1)) {
    const begin = at + 2 - TIME_LENGTH;
    if (begin >= TIME_LENGTH + PART && TIME.test(bytes.toString('latin1', begin, at + 2))) return begin;
  }
  return feed;
}

/** Docker writes down a line that is longer than this in pieces of this size, each with its time. */
const PART = 16 << 10;

function queryOf(options: LogOptions): Record<string, string> {
  return {
    stdout: '1',
    stderr: '1',
    follow: options.follow ? '1' : '0',
    timestamps: '1',
    tail: options.tail === undefined ? 'all' : String(options.tail),
    ...(options.since !== undefined && { since: secondsOf(options.since) }),
    ...(options.until !== undefined && { until: secondsOf(options.until) }),
  };
}
