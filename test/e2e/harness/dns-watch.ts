import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '#lib/common';

/** What a name answered from a moment on. */
export interface Answered {
  /** milliseconds since the epoch */
  at: number;
  /** sorted; null: there is no answer at all */
  addresses: string[] | null;
}

/** A client that lives in a container's namespace and asks one name every 2 ms, so that no start of a program counts. */
export class DnsWatch {
  readonly seen: Answered[] = [];

  private constructor(private readonly client: ChildProcess) {
    createInterface({ input: client.stdout! }).on('line', (line) => this.seen.push(JSON.parse(line) as Answered));
  }

  /** Resolves once there is an answer. */
  static async start(netnsPath: string, name: string): Promise<DnsWatch> {
    const script = join(import.meta.dirname, 'dns-watch-client.mjs');
    const argv = [`--net=${netnsPath}`, process.execPath, script, name];
    const watch = new DnsWatch(spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] }));
    await watch.until(({ addresses }) => addresses !== null, `${name} is answered`);
    return watch;
  }

  /** The first answer since a moment that is as wanted. */
  until(wanted: (answer: Answered) => boolean, what: string, since = 0, ms = 10_000): Promise<Answered> {
    return waitFor(() => this.seen.find((each) => each.at >= since && wanted(each)), { ms, every: 5, what });
  }

  async stop(): Promise<void> {
    const ended = once(this.client, 'exit');
    this.client.kill('SIGKILL');
    await ended;
  }
}
