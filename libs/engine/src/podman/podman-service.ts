import { join } from 'node:path';
import { backoff, digestOf, messageOf, packageRoot, SkepError } from '#lib/common';
import { DockerApiEngine } from '../docker-api/docker-api-engine.js';
import type { Engine } from '../engine.js';
import { HttpRegistries } from '../registry/http-registries.js';
import { machineProfile } from './default-profile.js';
import { createPodmanDialect } from './podman-dialect.js';
import { chooseRuntime } from './runtime.js';
import { planService, type ServicePlan } from './service-files.js';
import { answers, lastWords, launchService } from './service-launch.js';
import { endProcess, findServices, isRunning, type ServiceProcess } from './service-process.js';

export interface PodmanServiceOptions {
  /** absolute; kept over a reboot */
  dataRoot: string;
  /** absolute and short (a socket's path has at most 107 bytes); best on a tmpfs */
  execRoot: string;
  /** `host[:port]`: plain HTTP and unknown certificates are accepted */
  insecureRegistries?: string[];
  /** OCI runtime; left out: the best that is installed */
  runtime?: string;
  log?: (message: string) => void;
}

/** It is on a file system that programs may be started from; the exec root is often not. */
const MONITOR = join(packageRoot() ?? '/', 'bin/skep-conmon');
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
  /** where monitors leave exit codes */
  readonly exitDirectory: string;
  readonly leavingDirectory: string;
  /** Its calls fail with `unavailable` while the service is away. */
  readonly engine: Engine;
  private readonly plan: ServicePlan;
  private readonly settings: string;
  private readonly log: (message: string) => void;
  private current?: ServiceProcess;
  private timer?: NodeJS.Timeout;
  private launching?: Promise<void>;
  private supervised = false;
  private failures = 0;
  private readyAt = 0;

  constructor(options: PodmanServiceOptions) {
    const { dataRoot, execRoot, insecureRegistries = [], runtime = chooseRuntime() } = options;
    this.log = options.log ?? (() => undefined);
    const settings = { dataRoot, execRoot, insecureRegistries, runtime, monitor: MONITOR };
    this.plan = planService({ ...settings, seccompProfile: machineProfile() }, process.env);
    this.settings = digestOf(this.plan);
    this.socketPath = this.plan.socketPath;
    this.exitDirectory = this.plan.exitDirectory;
    this.leavingDirectory = this.plan.leavingDirectory;
    this.engine = new DockerApiEngine(
      this.socketPath,
      createPodmanDialect(this),
      new HttpRegistries(insecureRegistries),
      this.log,
    );
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
    await this.release();
    const [existing, ...others] = findServices(this.socketPath);
    for (const other of others) await endProcess(other);
    const adopted = existing?.settings === this.settings && (await answers(this.socketPath));
    if (adopted) {
      this.supervise(existing);
    } else {
      if (existing) await endProcess(existing);
      this.supervise(await launchService(this.plan, this.settings));
    }
    const ms = Math.round(performance.now() - began);
    this.log(`podman ${adopted ? 'was running already' : 'started'}: process ${this.pid}, ready after ${ms} ms`);
    return { adopted, ms };
  }

  /** Ends the service. Containers keep running. */
  async stop(): Promise<void> {
    await this.release();
    if (this.current) await endProcess(this.current);
    this.current = undefined;
  }

  /** Stops supervising and leaves the service running, for whoever starts next. */
  async release(): Promise<void> {
    this.supervised = false;
    clearTimeout(this.timer);
    await this.launching?.catch(() => undefined);
  }

  private supervise(service: ServiceProcess): void {
    this.current = service;
    this.readyAt = performance.now();
    this.supervised = true;
    this.watch();
  }

  /** An adopted service is not our child, so both kinds are watched by their pid. */
  private watch(): void {
    this.timer = setTimeout(() => (this.pid ? this.watch() : this.restart()), WATCH_MS).unref();
  }

  private restart(): void {
    if (performance.now() - this.readyAt >= SETTLED_MS) this.failures = 0;
    const wait = this.failures === 0 ? 0 : backoff(this.failures, 100, 10_000);
    this.failures++;
    this.log(`podman's service ended (${lastWords(this.plan)}): it is started again in ${wait} ms`);
    this.timer = setTimeout(() => {
      this.launching = this.relaunch();
    }, wait);
  }

  private async relaunch(): Promise<void> {
    try {
      const service = await launchService(this.plan, this.settings);
      if (this.supervised) this.supervise(service);
      else this.current = service;
      this.log(`podman's service runs again: process ${service.pid}`);
    } catch (error) {
      this.log(`podman's service: ${messageOf(error)}`);
      if (this.supervised) this.restart();
    }
  }
}
