import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SkepError } from '#lib/common';

export interface LoadResult {
  requests: number;
  failures: { at: number; why: string; address: string }[];
  /** how many requests each host answered */
  answers: Record<string, number>;
}

/** Requests by name from inside a container's namespace, at a steady rate. */
export class Load {
  private readonly lines: AsyncIterator<string>;
  /** from the start: the client may end by itself, with its namespace */
  private readonly ended: Promise<unknown>;

  private constructor(private readonly client: ChildProcess) {
    this.ended = once(client, 'exit');
    this.lines = createInterface({ input: client.stdout! })[Symbol.asyncIterator]();
  }

  /** @param rates requests a second, by name */
  static async start(netnsPath: string, rates: Record<string, number>): Promise<Load> {
    const script = join(import.meta.dirname, 'load-client.mjs');
    const words = Object.entries(rates).map(([name, rate]) => `${name}:${rate}`);
    const argv = [`--net=${netnsPath}`, process.execPath, script, ...words];
    const load = new Load(spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await load.lines.next();
    return load;
  }

  async stop(): Promise<Record<string, LoadResult>> {
    this.client.kill('SIGTERM');
    const { value, done } = await this.lines.next();
    await this.ended;
    if (done === true) {
      throw new SkepError('internal', `the client ended without a result: ${String(this.client.exitCode)}`);
    }
    return JSON.parse(String(value)) as Record<string, LoadResult>;
  }

  /** Without a result. Again, or after `stop`: nothing happens. */
  kill(): void {
    this.client.kill('SIGKILL');
  }
}
