import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { messageOf, unavailable, waitFor } from '#lib/common';
import { inNetns, type Host } from '#lib/host';
import { readReport, type Leased } from './report.js';

const SCRIPT = join(import.meta.dirname, 'report-lease.sh');
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** In the foreground, and the lease is given back at the end. Three questions, two seconds apart, and again after five. */
const COMMAND = ['udhcpc', '-f', '-R', '-t', '3', '-T', '2', '-A', '5', '-o'];
/** What is asked for beside the address. */
const FACTS = ['subnet', 'router', 'dns', 'domain'];
/** A release is one packet; a client that has not ended by then never will. Milliseconds. */
const RELEASE_WITHIN = 2_000;

export interface ClientRequest {
  /** names the client's files; letters, digits, "." and "-" */
  key: string;
  netns: string;
  link: string;
  /** told to the server, which may put it into its tables */
  hostname?: string;
  /** the address that it had before */
  previous?: string;
}

/**
 * busybox's udhcpc, a process for each key, in the container's namespace. They are children of nobody: `open` finds
 * those that an earlier agent left, by their pid files; `close` leaves them running.
 */
export class Udhcpc {
  /** key → pid, with the end of watching it */
  private readonly running = new Map<string, { pid: number; unwatch: () => void }>();
  /** keys whose client was told to end, until its files are gone */
  private readonly ending = new Map<string, Promise<void>>();
  private watcher: FSWatcher | undefined;

  /**
   * @param directory for pid files and reports; below the exec root, so that a reboot empties it
   * @param changed a client has reported, or has ended
   */
  constructor(
    private readonly directory: string,
    private readonly host: Pick<Host, 'onExit'>,
    private readonly changed: (key: string) => void,
  ) {}

  open(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (const key of this.keys()) {
      const pid = this.livingPid(key);
      if (pid === undefined) this.forget(key);
      else this.attend(key, pid);
    }
    this.watcher = watch(this.directory, (_, file) => {
      if (file?.endsWith('.lease')) this.changed(file.slice(0, -'.lease'.length));
    });
  }

  close(): void {
    this.watcher?.close();
    for (const { unwatch } of this.running.values()) unwatch();
    this.running.clear();
  }

  keys(): string[] {
    return readdirSync(this.directory)
      .filter((file) => file.endsWith('.pid'))
      .map((file) => file.slice(0, -'.pid'.length));
  }

  alive(key: string): boolean {
    return this.running.has(key);
  }

  /** The lease that the client holds; undefined: none. */
  leased(key: string): Leased | undefined {
    return readReport(read(this.file(key, 'lease')));
  }

  /** One that runs already is left alone. */
  async start({ key, netns, link, hostname, previous }: ClientRequest): Promise<void> {
    await this.ending.get(key);
    if (this.alive(key)) return;
    this.forget(key);
    const argv = [
      ...COMMAND,
      ...FACTS.flatMap((fact) => ['-O', fact]),
      ...optionsOf({ '-i': link, '-s': SCRIPT, '-p': this.file(key, 'pid') }),
      ...optionsOf({ '-x': hostname && `hostname:${hostname}`, '-r': previous }),
    ];
    const env = { PATH, SKEP_LEASE: this.file(key, 'lease') };
    const child = inNetns(netns, () => spawn('busybox', argv, { stdio: 'ignore', detached: true, env }));
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('spawn', () => resolve(child.pid!));
      child.once('error', (error) =>
        reject(unavailable(`busybox udhcpc cannot be started: ${messageOf(error)}`, error)),
      );
    });
    child.unref();
    this.attend(key, pid);
  }

  /** Asks it to give the lease back and to end. */
  async release(key: string): Promise<void> {
    await this.end(key, 'SIGTERM');
  }

  async kill(key: string): Promise<void> {
    await this.end(key, 'SIGKILL');
  }

  private async end(key: string, signal: NodeJS.Signals): Promise<void> {
    const ended = this.finish(key, signal);
    this.ending.set(key, ended);
    try {
      await ended;
    } finally {
      if (this.ending.get(key) === ended) this.ending.delete(key);
    }
  }

  private async finish(key: string, signal: NodeJS.Signals): Promise<void> {
    const pid = this.running.get(key)?.pid;
    if (pid !== undefined) {
      const gone = () => !this.running.has(key);
      process.kill(pid, signal);
      await waitFor(gone, { ms: RELEASE_WITHIN, what: `udhcpc (${pid}) ends` }).catch(() =>
        process.kill(pid, 'SIGKILL'),
      );
    }
    this.forget(key);
  }

  private attend(key: string, pid: number): void {
    const unwatch = this.host.onExit(pid, () => {
      if (this.running.get(key)?.pid !== pid) return;
      this.running.delete(key);
      this.changed(key);
    });
    this.running.set(key, { pid, unwatch });
  }

  /** A pid may be another process's by now; only ours has its own pid file among its arguments. */
  private livingPid(key: string): number | undefined {
    const pid = Number.parseInt(read(this.file(key, 'pid')), 10);
    if (!(pid > 1)) return undefined;
    return read(`/proc/${pid}/cmdline`).split('\0').includes(this.file(key, 'pid')) ? pid : undefined;
  }

  private forget(key: string): void {
    for (const kind of ['pid', 'lease', 'lease.new']) rmSync(this.file(key, kind), { force: true });
  }

  private file(key: string, kind: string): string {
    return join(this.directory, `${key}.${kind}`);
  }
}

function optionsOf(options: Record<string, string | undefined>): string[] {
  return Object.entries(options).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}

/** Empty where there is no such file. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
