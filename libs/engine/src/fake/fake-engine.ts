import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  conflict,
  digestOf,
  notFound,
  SkepError,
  systemClock,
  unavailable,
  unsupported,
  type Clock,
} from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import { familiarName, withTag } from '../docker-api/image-name.js';
import type {
  BuildQuery,
  CommitRequest,
  ContainerDetails,
  ContainerSize,
  Engine,
  EngineCreate,
  EngineInfo,
  ExecResult,
  ImageConfig,
  ImageDefaults,
  LogPart,
  LogOptions,
  PullOptions,
} from '../engine.js';
import type { Registries } from '../registry/registries.js';
import { runFake } from './fake-commands.js';
import { FakeContainer, type FakeProcesses } from './fake-container.js';
import { argvOf, ofChanges } from './fake-image.js';
import { volumeMounts } from './fake-mounts.js';

interface FakeImage {
  id: string;
  digests: string[];
  exposedPorts: string[];
  defaults: ImageDefaults;
}

const KILLED = 137;
/** Of every container. */
const SIZE: ContainerSize = { writable: 1_000, rootFs: 5_000 };
/** Signals that end a container in the fake. */
const FATAL = ['SIGKILL', 'KILL', '9'];
/** Above the largest pid of a kernel, so that nobody takes it for a process. */
const FIRST_PID = 5_000_000;

/** An engine in memory that keeps the promises of the real one. Commands that it knows: fake-commands.ts. */
export class FakeEngine implements Engine {
  readonly socketPath = '/nonexistent/engine.sock';
  /** They have what `registry` has, and know nobody. */
  readonly registries: Registries = {
    inspect: async ({ repository, reference }) => {
      const name = `${familiarName(repository)}:${reference}`;
      const digest = this.registry.get(name)?.digests?.[0];
      if (digest === undefined) throw notFound(`manifest unknown: ${name}`);
      return { descriptor: { mediaType: 'application/json', digest, size: 1 }, platforms: [] };
    },
    lookUp: async () => undefined,
    login: async () => Promise.reject(unavailable('the fake has no users')),
    tags: async () => [],
  };
  /** Every call fails with `unavailable`. */
  away = false;
  /** Images that `pull` finds. */
  readonly registry = new Map<string, Partial<FakeImage>>();
  /** Limits that were changed, by engine id, last one last. */
  readonly updates = new Map<string, Readonly<Record<string, unknown>>[]>();
  /** Signals that were sent, by engine id, last one last. */
  readonly signals = new Map<string, string[]>();
  private readonly images = new Map<string, FakeImage>();
  private readonly containers = new Map<string, FakeContainer>();
  private readonly volumes = new Set<string>();
  private readonly refusals = new Map<string, SkepError>();
  private pid = FIRST_PID;
  private instant = 0;

  constructor(
    private readonly clock: Clock = systemClock,
    private readonly processes: FakeProcesses = { begin: () => undefined, end: () => undefined },
  ) {}

  // What tests do to it.

  addImage(name: string, image: Partial<FakeImage> = {}): void {
    this.images.set(withTag(name), {
      id: `sha256:${digestOf(name)}`,
      digests: [],
      exposedPorts: [],
      defaults: {},
      ...image,
    });
  }

  /** The container's process ends by itself. */
  exit(engineId: string, exitCode: number, how?: { outOfMemory: boolean }): void {
    this.find(engineId).exit(exitCode, how);
  }

  print(engineId: string, line: string, stream?: LogPart['stream']): void {
    this.find(engineId).print(line, stream);
  }

  /** How many wait for more of its log at this moment. */
  followers(engineId: string): number {
    return this.find(engineId).followers;
  }

  /** What the container was created with. */
  requestOf(engineId: string): EngineCreate {
    return this.find(engineId).request;
  }

  /** The next start of the container with this name fails. */
  refuseStart(name: string, error: SkepError): void {
    this.refusals.set(name, error);
  }

  // The engine.

  async info(): Promise<EngineInfo> {
    this.mustBeHere('info');
    return { name: 'fake', version: '0', runtime: 'none', storageDriver: 'memory' };
  }

  async ping(): Promise<boolean> {
    return !this.away;
  }

  async list(label: string): Promise<ObservedContainer[]> {
    this.mustBeHere('list containers');
    return [...this.containers.values()].filter((one) => carries(one.labels, label)).map((one) => one.observed);
  }

  async inspect(engineId: string): Promise<ObservedContainer> {
    return this.find(engineId).observed;
  }

  async details(engineId: string, { size = false } = {}): Promise<ContainerDetails> {
    const { details } = this.find(engineId);
    return size ? { ...details, SizeRw: SIZE.writable, SizeRootFs: SIZE.rootFs } : details;
  }

  async sizes(label: string): Promise<ReadonlyMap<string, ContainerSize>> {
    return new Map((await this.list(label)).map((one) => [one.engineId, SIZE]));
  }

  async create(request: EngineCreate): Promise<string> {
    this.mustBeHere(`create container ${request.name}`);
    const image = withTag(request.spec.Image);
    const { id: imageId, defaults } = this.images.get(image) ?? {};
    if (imageId === undefined) throw notFound(`No such image: ${image}`);
    this.mustBeFree(request.name);
    const mounts = volumeMounts(request.spec, Object.keys(defaults?.Volumes ?? {}));
    for (const { name } of mounts) this.volumes.add(name);
    const parts = { argv: argvOf(request.spec, defaults ?? {}), imageId, mounts };
    const container = new FakeContainer(request, parts, () => this.time(), this.processes);
    this.containers.set(container.observed.engineId, container);
    return container.observed.engineId;
  }

  async tidiedUp(): Promise<void> {}

  async start(engineId: string): Promise<void> {
    const container = this.find(engineId);
    const refusal = this.refusals.get(container.request.name);
    this.refusals.delete(container.request.name);
    if (refusal) throw refusal;
    container.start(this.pid++);
  }

  willBeRemoved(): void {}

  async stop(engineId: string, _graceSeconds: number): Promise<void> {
    const container = this.find(engineId);
    container.mustNotBePaused('stop');
    container.exit(KILLED);
  }

  async kill(engineId: string, signal: string): Promise<void> {
    const container = this.find(engineId);
    container.mustBeUp('kill');
    this.signals.set(engineId, [...(this.signals.get(engineId) ?? []), signal]);
    if (FATAL.includes(signal)) container.exit(KILLED);
  }

  async pause(engineId: string): Promise<void> {
    const container = this.find(engineId);
    container.mustRun('pause');
    container.pause(true);
  }

  async unpause(engineId: string): Promise<void> {
    this.find(engineId).pause(false);
  }

  async update(engineId: string, resources: Readonly<Record<string, unknown>>): Promise<void> {
    this.find(engineId).mustBeUp('update');
    this.updates.set(engineId, [...(this.updates.get(engineId) ?? []), resources]);
  }

  async rename(engineId: string, name: string): Promise<void> {
    const container = this.find(engineId);
    this.mustBeFree(name);
    container.rename(name);
  }

  async remove(engineId: string, { keepVolumes = false } = {}): Promise<void> {
    this.mustBeHere(`remove container ${engineId}`);
    const container = this.containers.get(engineId);
    container?.exit(KILLED);
    if (container && !keepVolumes) for (const name of container.unnamed()) this.volumes.delete(name);
    this.containers.delete(engineId);
  }

  async logs(engineId: string, options: LogOptions): Promise<AsyncIterable<LogPart[]>> {
    const container = this.find(engineId);
    const { LogConfig } = (container.request.spec.HostConfig ?? {}) as { LogConfig?: { Type?: string } };
    if (LogConfig?.Type === 'none') throw unsupported('configured logging driver does not support reading');
    return this.whileHere(container.log(options));
  }

  async exec(engineId: string, argv: string[], options: { timeoutMs: number }): Promise<ExecResult> {
    this.find(engineId).mustRun('exec in');
    const { output, exitCode } = runFake(argv);
    if (exitCode !== undefined)
      return {
        exitCode,
        output: output
          .map((line) => `${line}\n`)
          .join('')
          .slice(0, 4096),
      };
    await this.clock.sleep(options.timeoutMs);
    throw new SkepError(
      'timeout',
      `exec ${argv.join(' ')} in container ${engineId}: not within ${options.timeoutMs} ms`,
    );
  }

  async image(name: string): Promise<string | undefined> {
    this.mustBeHere(`look up image ${name}`);
    return this.images.get(withTag(name))?.id;
  }

  async imageConfig(name: string): Promise<ImageConfig> {
    this.mustBeHere(`inspect image ${name}`);
    const image = this.images.get(withTag(name));
    if (!image) throw notFound(`No such image: ${withTag(name)}`);
    return structuredClone({ platform: 'linux/amd64', ...image });
  }

  async untagImage(name: string): Promise<void> {
    this.mustBeHere(`untag image ${name}`);
    if (!this.images.delete(withTag(name))) throw notFound(`No such image: ${name}`);
  }

  async importImage(tar: Readable, name: string, changes: string[] = []): Promise<string> {
    this.mustBeHere(`import image ${name}`);
    const hash = createHash('sha256');
    for await (const chunk of tar) hash.update(chunk as Buffer);
    const id = `sha256:${hash.digest('hex')}`;
    this.addImage(name, { id, ...ofChanges(changes) });
    return id;
  }

  async commit(engineId: string, { repository, tag, config, environment }: CommitRequest): Promise<string> {
    const { spec } = this.find(engineId).request;
    const given = (spec.Env ?? []).filter((entry) => environment.includes(entry.split('=')[0]!));
    const id = `sha256:${digestOf(`${engineId} ${this.time()}`)}`;
    const defaults = { Cmd: spec.Cmd, ...config, Env: [...given, ...(config.Env ?? [])] };
    this.addImage(repository === undefined ? id : `${repository}:${tag ?? 'latest'}`, { id, defaults });
    return id;
  }

  buildQuery(asked: BuildQuery): BuildQuery {
    return asked;
  }

  async pull(name: string, { progress }: PullOptions = {}): Promise<void> {
    this.mustBeHere(`pull ${name}`);
    const image = this.registry.get(withTag(name));
    if (!image) throw notFound(`pull ${name}: pull access denied for ${name}, repository does not exist`);
    progress?.(`Pulling ${name}`);
    this.addImage(name, image);
  }

  async createVolume(volume: Parameters<Engine['createVolume']>[0]): Promise<void> {
    this.mustBeHere(`create volume ${volume.name}`);
    if (volume.driver !== 'local') {
      throw new SkepError(
        'internal',
        `create volume ${volume.name}: looking up volume plugin ${volume.driver}: missing`,
      );
    }
    this.volumes.add(volume.name);
  }

  async removeVolume(name: string): Promise<void> {
    this.mustBeHere(`remove volume ${name}`);
    this.volumes.delete(name);
  }

  async listVolumes(): Promise<string[]> {
    this.mustBeHere('list volumes');
    return [...this.volumes];
  }

  private async *whileHere(log: AsyncIterable<LogPart[]>): AsyncGenerator<LogPart[]> {
    for await (const parts of log) {
      this.mustBeHere('read a log');
      yield parts;
    }
  }

  private mustBeHere(doing: string): void {
    if (this.away) throw unavailable(`${doing}: the container engine does not answer`);
  }

  private mustBeFree(name: string): void {
    const holder = [...this.containers.values()].map((one) => one.observed).find((one) => one.name === name);
    if (!holder) return;
    throw conflict(
      `Conflict. The container name "/${name}" is already in use by container "${holder.engineId}". ` +
        `You have to remove (or rename) that container to be able to reuse that name.`,
    );
  }

  private find(engineId: string): FakeContainer {
    this.mustBeHere(`find container ${engineId}`);
    const container = this.containers.get(engineId);
    if (!container) throw notFound(`No such container: ${engineId}`);
    return container;
  }

  /** Different at each call, also within one millisecond. */
  private time(): string {
    const counter = String(this.instant++ % 1_000_000).padStart(6, '0');
    return new Date(this.clock.now()).toISOString().replace('Z', `${counter}Z`);
  }
}

function carries(labels: Record<string, string>, label: string): boolean {
  const [key, value] = [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)];
  return label.includes('=') ? labels[key] === value : label in labels;
}
