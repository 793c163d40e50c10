import { EventEmitter, once } from 'node:events';
import { conflict, newId } from '#lib/common';
import { LABELS, type ObservedContainer, type ObservedMount } from '#lib/domain';
import type { ContainerDetails, EngineCreate, LogOptions, LogPart } from '../engine.js';
import { ownerIn } from '../docker-api/observed.js';
import { Period } from '../logs/log-part.js';
import { runFake } from './fake-commands.js';

/** Who is told of the processes that a container would have, e.g. a fake kernel. */
export interface FakeProcesses {
  begin(pid: number): void;
  end(pid: number): void;
}

/** A container of the fake engine: its state, its log, and who waits for them. */
export class FakeContainer {
  readonly labels: Record<string, string>;
  private seen: ObservedContainer;
  private readonly written: LogPart[] = [];
  private readonly changes = new EventEmitter().setMaxListeners(0);

  /** @param now ISO 8601, different at each call */
  constructor(
    readonly request: EngineCreate,
    private readonly made: { argv: readonly string[]; imageId: string; mounts: ObservedMount[] },
    private readonly now: () => string,
    private readonly processes: FakeProcesses,
  ) {
    this.labels = { ...request.spec.Labels, ...request.labels };
    this.seen = {
      engineId: newId(),
      ...ownerIn(this.labels),
      name: request.name,
      state: 'created',
      pid: 0,
      exitCode: 0,
      specHash: this.labels[LABELS.specHash],
      image: request.spec.Image,
      imageId: made.imageId,
      labels: { ...request.spec.Labels },
      argv: [...made.argv],
      mounts: made.mounts,
      startedAt: '',
      finishedAt: '',
    };
  }

  get observed(): ObservedContainer {
    return { ...this.seen };
  }

  /** As a Docker Engine would word it, as far as anybody asks. */
  get details(): ContainerDetails {
    const { engineId, imageId, name, state, pid, exitCode, startedAt, finishedAt } = this.seen;
    return {
      Id: engineId,
      Name: `/${name}`,
      Image: imageId,
      State: { Status: state, Pid: pid, ExitCode: exitCode, StartedAt: startedAt, FinishedAt: finishedAt },
      HostConfig: this.request.spec.HostConfig ?? {},
      Config: { ...this.request.spec, Labels: this.labels },
      Driver: 'memory',
    };
  }

  get running(): boolean {
    return this.seen.state === 'running';
  }

  get followers(): number {
    return this.changes.listenerCount('change');
  }

  start(pid: number): void {
    if (this.running) return;
    this.seen = { ...this.seen, state: 'running', pid, exitCode: 0, startedAt: this.now() };
    this.processes.begin(pid);
    const run = runFake(this.made.argv);
    for (const line of run.output) this.print(line);
    if (run.exitCode !== undefined) this.exit(run.exitCode);
  }

  pause(on: boolean): void {
    if (this.running || this.seen.state === 'paused') this.seen = { ...this.seen, state: on ? 'paused' : 'running' };
  }

  rename(name: string): void {
    this.seen = { ...this.seen, name };
  }

  exit(exitCode: number, { outOfMemory = false } = {}): void {
    if (!this.running && this.seen.state !== 'paused') return;
    const { pid } = this.seen;
    this.seen = {
      ...this.seen,
      state: 'exited',
      pid: 0,
      exitCode,
      finishedAt: this.now(),
      ...(outOfMemory && { outOfMemory }),
    };
    this.processes.end(pid);
    this.changes.emit('change');
  }

  print(line: string, stream: LogPart['stream'] = 'stdout'): void {
    this.written.push({ stream, data: Buffer.from(`${line}\n`), time: this.now(), first: true });
    this.changes.emit('change');
  }

  async *log(options: LogOptions): AsyncGenerator<LogPart[]> {
    const period = new Period(options);
    let next = Math.max(0, this.written.length - (options.tail ?? Infinity));
    while (!options.signal?.aborted) {
      const parts = this.written.slice(next).filter(({ time }) => !period.before(time) && !period.after(time));
      next = this.written.length;
      if (parts.length > 0) yield parts;
      if (!options.follow || !this.running) return;
      await once(this.changes, 'change', { signal: options.signal }).catch(() => undefined);
    }
  }

  /** Names of the volumes that it was not given by name. */
  unnamed(): string[] {
    const binds = (this.request.spec.HostConfig?.['Binds'] ?? []) as string[];
    const given = new Set(binds.filter((bind) => bind.includes(':')).map((bind) => bind.split(':')[0]));
    return this.made.mounts.map(({ name }) => name).filter((name) => !given.has(name));
  }

  mustRun(doing: string): void {
    if (!this.running) throw conflict(`${doing} container ${this.seen.engineId}: it is not running`);
  }

  /** As Podman has it; Docker Engine stops what is paused, too. */
  mustNotBePaused(doing: string): void {
    if (this.seen.state === 'paused') throw conflict(`${doing} container ${this.seen.engineId}: it is paused`);
  }

  /** It runs, or is paused. */
  mustBeUp(doing: string): void {
    if (this.seen.state !== 'paused') this.mustRun(doing);
  }
}
