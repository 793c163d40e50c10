import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface LoadResult {
  requests: number;
  failures: { at: number; why: string; address: string }[];
  /** how many requests each host answered */
  answers: Record<string, number>;
}

/** Requests by name from inside a container's namespace, at a steady rate. */
export class Load {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly client: ChildProcess) {
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
    const ended = once(this.client, 'exit');
    this.client.kill('SIGTERM');
    const { value } = await this.lines.next();
    await ended;
    return JSON.parse(String(value)) as Record<string, LoadResult>;
  }
}
