import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import type { LogLine, LogOptions } from '../engine.js';
import { dial } from './dial.js';
import { frames, StreamDecoders, type Frame } from './frames.js';
import { LineAssembler } from './lines.js';

/** The lines of a container's log; ends with the log, or when the signal is given. */
export async function* logLines(docker: Docker, engineId: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { Config: config } = await docker.getContainer(engineId).inspect();
  if (options.signal?.aborted) return;
  const stream = await dial<IncomingMessage>(docker, {
    method: 'GET',
    path: `/containers/${engineId}/logs`,
    query: queryOf(options),
    stream: true,
    signal: options.signal,
  });
  const lines = new LineAssembler(options.timestamps);
  const decoders = new StreamDecoders();
  try {
    for await (const frame of config.Tty ? raw(stream) : frames(stream)) {
      yield* lines.push(frame.stream, decoders.text(frame), !config.Tty);
    }
    yield* lines.flush();
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  } finally {
    stream.destroy();
  }
}

async function* raw(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  for await (const data of chunks) yield { stream: 'stdout', data };
}

function queryOf(options: LogOptions): Record<string, string> {
  return {
    stdout: '1',
    stderr: '1',
    follow: options.follow ? '1' : '0',
    timestamps: options.timestamps ? '1' : '0',
    tail: options.tail === undefined ? 'all' : String(options.tail),
    ...(options.since !== undefined && { since: String(options.since) }),
  };
}
