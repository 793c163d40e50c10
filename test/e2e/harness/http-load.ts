import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '#lib/common';
import type { Namespace } from './namespaces.js';

/** A client on a machine that sends a steady stream of requests. */
export class HttpLoad {
  /** requests a second: what was asked for, or what the machine has room for */
  rate = 0;
  answered = 0;
  readonly failed: string[] = [];

  private constructor(private readonly client: ChildProcess) {
    createInterface({ input: client.stdout! }).on('line', (line) => {
      const said = JSON.parse(line) as { rate: number } | { answered: number; failed: string[] };
      if ('rate' in said) {
        this.rate = said.rate;
        return;
      }
      this.answered += said.answered;
      this.failed.push(...said.failed);
    });
  }

  /** @param rate requests a second, to the URLs in turn; a machine that can hardly do so many is asked for less */
  static async start({ path }: Namespace, rate: number, urls: readonly string[]): Promise<HttpLoad> {
    const script = join(import.meta.dirname, 'http-load-client.mjs');
    const argv = [`--net=${path}`, process.execPath, script, String(rate), ...urls];
    const load = new HttpLoad(spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] }));
    await waitFor(() => load.answered > 0, { ms: 20_000, every: 20, what: 'a first answer' });
    return load;
  }

  /** After it everything that was sent is answered or has failed. Again: nothing happens. */
  async stop(): Promise<void> {
    if (this.client.exitCode !== null) return;
    const ended = once(this.client, 'close');
    this.client.kill('SIGTERM');
    await ended;
  }
}
