import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import Docker from 'dockerode';
import { backoff, digestOf, messageOf, SkepError, unavailable, waitFor } from '#lib/common';
import type { Engine } from '../engine.js';
import { DockerApiEngine } from '../docker-api/docker-api-engine.js';
import { createPodmanDialect } from './podman-dialect.js';
import { chooseRuntime } from './runtime.js';
import { planService, prepareService, type ServicePlan } from './service-files.js';
import {
  describe,
  endProcess,
  findServices,
  isRunning,
  SETTINGS_VARIABLE,
  type ServiceProcess,
} from './service-process.js';

export interface PodmanServiceOptions {
  /** absolute; kept over a reboot */
  dataRoot: string;
  /** absolute and short (a socket's path has at most 107 bytes); best on a tmpfs */
  execRoot: string;
  /** `host[:port]` */
  insecureRegistries?: string[];
  /** OCI runtime; left out: the best that is installed */
  runtime?: string;
  log?: (message: string) => void;
}

const READY_MS = 20_000;
const WATCH_MS = 100;
/** A service that lived this long starts the back-off anew. */
const SETTLED_MS = 10_000;
const SOCKET_PATH_BYTES = 107;

/**
 * Podman's API service as a process of its own, supervised: it is started again when it dies, and it outlives us, as
 * the containers outlive it.
 */
export class PodmanService {
  readonly socketPath: string;
  /** Its calls fail with `unavailable` while the service is away. */
  readonly engine: Engine;
  private readonly plan: ServicePlan;
  private readonly settings: string;
  private readonly log: (message: string) => void;
  private current?: ServiceProcess;
  private timer?: NodeJS.Timeout;
  private supervised = false;
  private launching?: Promise<void>;
  private failures = 0;
  private readyAt = 0;

  constructor(private readonly options: PodmanServiceOptions) {
    const { dataRoot, execRoot, insecureRegistries = [], runtime = chooseRuntime() } = options;
    this.plan = planService({ dataRoot, execRoot, insecureRegistries, runtime }, process.env);
    this.settings = digestOf(this.plan);
    this.socketPath = this.plan.socketPath;
    this.engine = new DockerApiEngine(this.socketPath, createPodmanDialect(this.plan.exitDirectory));
    this.log = options.log ?? (() => undefined);
    if (Buffer.byteLength(this.socketPath) > SOCKET_PATH_BYTES) {
      throw new SkepError(
        'invalid',
        `exec root ${execRoot}: ${this.socketPath} is longer than ${SOCKET_PATH_BYTES} bytes`,
      );
    }
  }

  /** pid of the service; undefined while it is away */
  get pid(): number | undefined {
    return this.current && isRunning(this.current) ? this.current.pid : undefined;
  }

  /**
   * Comes back when the service answers. One that runs already with the same settings is adopted, one with others is
   * replaced.
   */
  async start(): Promise<{ adopted: boolean; ms: number }> {
    const began = performance.now();
    const [existing, ...others] = findServices(this.socketPath);
    for (const other of others) await endProcess(other);
    const adopted = existing !== undefined && (await this.adopt(existing));
    if (existing && !adopted) await endProcess(existing);
    if (!adopted) await this.launch();
    this.supervised = true;
    this.watch();
    const ms = Math.round(performance.now() - began);
    this.log(
      `podman ${adopted ? 'was running already' : 'started'}: process ${this.current?.pid}, ready after ${ms} ms`,
    );
    return { adopted, ms };
  }

  /** Ends the service. Containers keep running. */
  async stop(): Promise<void> {
    this.release();
    await this.launching?.catch(() => undefined);
    if (this.current) await endProcess(this.current);
    this.current = undefined;
  }

  /** Stops supervising and leaves the service running, for whoever starts next. */
  release(): void {
    this.supervised = false;
    clearTimeout(this.timer);
  }

  private async adopt(existing: ServiceProcess): Promise<boolean> {
    if (existing.settings !== this.settings || !(await this.answers())) return false;
    this.current = existing;
    this.readyAt = Date.now();
    return true;
  }

  private async launch(): Promise<void> {
    for (const path of [this.options.dataRoot, this.options.execRoot])
      mkdirSync(path, { recursive: true, mode: 0o711 });
    prepareService(this.plan);
    rmSync(this.socketPath, { force: true });
    this.current = await this.spawn();
    await waitFor(
      async () => {
        if (!this.pid) throw unavailable(`podman ended while it started: ${this.lastWords()}`);
        return this.answers();
      },
      { ms: READY_MS, every: 5, what: `podman on ${this.socketPath}` },
    );
    this.readyAt = Date.now();
  }

  private async spawn(): Promise<ServiceProcess> {
    const [command, ...args] = this.plan.argv;
    const output = openSync(this.plan.logPath, 'w', 0o600);
    try {
      const child = spawn(command!, args, {
        cwd: '/',
        detached: true,
        env: { ...this.plan.env, [SETTINGS_VARIABLE]: this.settings },
        stdio: ['ignore', output, output],
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const [service] = describe(child.pid!);
      if (!service) throw unavailable(`podman ended while it started: ${this.lastWords()}`);
      return service;
    } catch (error) {
      if (SkepError.is(error)) throw error;
      throw unavailable(`podman cannot be started (${messageOf(error)}): is the package podman installed?`, error);
    } finally {
      closeSync(output);
    }
  }

  /** An adopted service is not our child, so both kinds are watched by their pid. */
  private watch(): void {
    if (!this.supervised) return;
    this.timer = setTimeout(() => (this.pid ? this.watch() : this.restart()), WATCH_MS);
    this.timer.unref();
  }

  private restart(): void {
    if (Date.now() - this.readyAt >= SETTLED_MS) this.failures = 0;
    const wait = this.failures === 0 ? 0 : backoff(this.failures, 100, 10_000);
    this.failures++;
    this.log(`podman's service ended (${this.lastWords()}): it is started again in ${wait} ms`);
    this.timer = setTimeout(() => {
      this.launching = this.launch();
      this.launching.then(
        () => this.watch(),
        (error: unknown) => {
          this.log(`podman's service: ${messageOf(error)}`);
          if (this.supervised) this.restart();
        },
      );
    }, wait);
  }

  private answers(): Promise<boolean> {
    return new Docker({ socketPath: this.socketPath, timeout: 2_000 }).ping().then(
      () => true,
      () => false,
    );
  }

  private lastWords(): string {
    try {
      return readFileSync(this.plan.logPath, 'utf8').trim().split('\n').slice(-3).join('; ') || 'it said nothing';
    } catch {
      return 'it said nothing';
    }
  }
}
