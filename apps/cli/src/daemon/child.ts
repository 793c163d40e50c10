import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { messageOf } from '#lib/common';
import { Restarts } from './restarts.js';

/** A process of the node. */
export interface ChildSpec {
  name: string;
  /** what it works for: for another one another process is started, when the one before has ended */
  cluster?: string;
  /** what follows `node` */
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  /** nice(2): below 0 it gets the processor before others; where the machine does not allow that, as others do */
  niceness?: number;
}

/** Where children write, what they hold, and whom to tell. */
export interface Surroundings {
  /** file descriptor for their standard output and error */
  logFd: number;
  /** descriptors (locks) that each child holds for as long as it lives */
  heldFds: readonly number[];
  log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** which processes are to run may have changed: a child says so, or has died */
  changed?: () => void;
}

/** Keeps one process running until it is told to stop. */
export class Child {
  private process?: ChildProcess;
  private timer?: NodeJS.Timeout;
  private stopping = false;
  private readonly restarts = new Restarts();

  constructor(
    private readonly spec: ChildSpec,
    private readonly around: Surroundings,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  /** Is it the process that is wanted here? */
  is({ name, cluster }: ChildSpec): boolean {
    return this.spec.name === name && this.spec.cluster === cluster;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    const { name, argv, env } = this.spec;
    const { logFd, heldFds, log } = this.around;
    const born = performance.now();
    // A session of its own, so that Ctrl-C on the terminal reaches the supervisor alone and the order of stopping holds.
    const child = spawn(process.execPath, [...argv], {
      env,
      detached: true,
      stdio: ['ignore', logFd, logFd, 'ipc', ...heldFds],
    });
    this.process = child;
    child.on('message', () => this.around.changed?.());
    this.prefer(child.pid);
    child.once('error', (error) => log('error', `${name} cannot be started: ${error.message}`));
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (this.process !== child) return;
      this.process = undefined;
      if (this.stopping) return;
      const lived = performance.now() - born;
      const delay = this.restarts.delayAfter(lived);
      const how = signal ? `was ended by ${signal}` : code === null ? 'did not start' : `ended with exit code ${code}`;
      const when = delay === 0 ? 'at once' : `in ${delay} ms`;
      log('error', `${name} ${how} after ${(lived / 1000).toFixed(1)} s; it is started again ${when}`);
      this.timer = setTimeout(() => this.start(), delay);
      // Maybe it changed that and had no time to say so. Its own start may be called off by it.
      this.around.changed?.();
    };
    child.once('exit', ended);
    child.once('error', () => child.pid === undefined && ended(null, null));
  }

  /** Before it has threads, which inherit it. */
  private prefer(pid: number | undefined): void {
    const { name, niceness } = this.spec;
    if (pid === undefined || niceness === undefined) return;
    try {
      setPriority(pid, niceness);
    } catch (error) {
      this.around.log('warn', `${name} runs without its priority ${niceness}: ${messageOf(error)}`);
    }
  }

  /** Asks it to end, and kills it after `graceMs`. Resolves when it is gone; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const kill = setTimeout(() => {
      this.around.log('warn', `${this.spec.name} did not end within ${graceMs} ms and is killed`);
      child.kill('SIGKILL');
    }, graceMs);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(kill);
  }
}
