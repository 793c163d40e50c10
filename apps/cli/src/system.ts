import type { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';

/** Standard input, output and error: on a terminal they have `isTTY`, a size, and raw mode. */
export type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>> & { unref?: () => void };
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** What a command may touch of the process that it runs in, so that a test can own it. */
export interface System {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  /** emits SIGINT, SIGTERM, SIGHUP and SIGWINCH */
  signals: EventEmitter;
}

export function processSystem(): System {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
  };
}
