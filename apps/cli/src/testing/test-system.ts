import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { System } from '../system.js';

/** A process without a terminal whose output is kept. */
export function testSystem(overrides: Partial<System> = {}) {
  const written = { stdout: '', stderr: '' };
  const keep = (name: keyof typeof written) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const stdin = new PassThrough();
  const signals = new EventEmitter();
  const system: System = {
    env: {},
    cwd: '/',
    stdin,
    stdout: keep('stdout'),
    stderr: keep('stderr'),
    signals,
    ...overrides,
  };
  return { system, written, stdin, signals };
}
