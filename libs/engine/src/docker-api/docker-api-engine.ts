import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { askedOnce, digestOf, kept, unsupported } from '#lib/common';
import { LABELS, type ObservedContainer } from '#lib/domain';
import type {
  CommitRequest,
  ContainerDetails,
  ContainerSize,
  Engine,
  EngineCreate,
  EngineInfo,
  ExecResult,
  ImageConfig,
  LogOptions,
  LogPart,
  PullOptions,
} from '../engine.js';
import { HttpRegistries } from '../registry/http-registries.js';
import type { Registries } from '../registry/registries.js';
import { attempt, holderOfName, nameTaken, ofContainer } from './attempt.js';
import { commitDocker } from './commit.js';
import { createBody } from './create-body.js';
import { dial } from './dial.js';
import type { EngineDialect } from './dialect.js';
import { whileItEnds } from './ending.js';
import { toSkepError, wordsOf } from './errors.js';
import { runExec } from './exec.js';
import { familiarName, withTag } from './image-name.js';
import { imageConfigOf, imageId, importImage, pullImage } from './images.js';
import { logParts } from './logs.js';
import { ContainerObserver } from './observer.js';
import { startFailure } from './start-failure.js';

/** An engine is a new one after a restart, at most. Milliseconds. */
const INFO_MS = 60_000;

/** Of so many images it is remembered what never changes. */
const IMAGES = 1_000;

const KILLS = ['9', 'KILL', 'SIGKILL'];

/** Of GET /info. */
interface EngineAnswer {
  ServerVersion: string;
  DefaultRuntime: string;
  Driver: string;
}

/** Any engine that speaks the Docker Engine API on a unix socket; what engines do differently is in the dialect. */
export class DockerApiEngine implements Engine {
  private readonly docker: Docker;
  private readonly observer: ContainerObserver;

  constructor(
    readonly socketPath: string,
    private readonly dialect: EngineDialect,
    readonly registries: Registries = new HttpRegistries(),
    log: (message: string) => void = () => undefined,
  ) {
    // Without a version in the path an engine answers in its newest.
    this.docker = new Docker({ socketPath });
    this.observer = new ContainerObserver(this.docker, dialect, log);
  }

  private readonly healthcheckOf = askedOnce(IMAGES, async (id) => this.dialect.healthcheck?.(this.docker, id));

  /** What is asked again and again does not change meanwhile, and for each answer Podman runs dpkg four times. */
  readonly info = kept(INFO_MS, async (): Promise<EngineInfo> => {
    const info = (await attempt('ask the engine what it is', undefined, () => this.docker.info())) as EngineAnswer;
    return {
      name: this.dialect.name,
      version: info.ServerVersion,
      runtime: info.DefaultRuntime,
      storageDriver: info.Driver,
    };
  });

  async ping(): Promise<boolean> {
    return this.docker.ping().then(
      () => true,
      () => false,
    );
  }

  list(label: string): Promise<ObservedContainer[]> {
    return attempt(`list containers with ${label}`, undefined, () => this.observer.list(label));
  }

  inspect(engineId: string): Promise<ObservedContainer> {
    return ofContainer('inspect', engineId, () => this.observer.inspect(engineId));
  }

  details(engineId: string, { size = false } = {}): Promise<ContainerDetails> {
    return ofContainer('inspect', engineId, () =>
      dial<ContainerDetails>(this.docker, {
        method: 'GET',
        path: `/containers/${engineId}/json`,
        query: { size: String(size) },
      }),
    );
  }

  async sizes(label: string): Promise<ReadonlyMap<string, ContainerSize>> {
    const all = await attempt(`measure containers with ${label}`, undefined, () =>
      this.dialect.list(this.docker, label, { size: true }),
    );
    return new Map(all.map(({ engineId, size = { writable: 0, rootFs: 0 } }) => [engineId, size]));
  }

  async create(request: EngineCreate): Promise<string> {
    const body = createBody(request, this.dialect);
    const missing = `No such image: ${withTag(familiarName(request.spec.Image))}`;
    try {
      const command = await this.dialect.command?.(this.docker, request.spec);
      const make = async () => (await this.docker.createContainer({ name: request.name, ...body, ...command })).id;
      return await make().catch(async (error: unknown) => {
        const holder = holderOfName(error);
        if (!holder || !(await this.dialect.dropRemains?.(this.docker, holder))) throw error;
        return make();
      });
    } catch (error) {
      throw nameTaken(error, request.name) ?? toSkepError(error, `create container ${request.name}`, missing);
    }
  }

  async tidiedUp(engineId: string): Promise<void> {
    // Of one that is gone nothing is left.
    await ofContainer('tidy up', engineId, async () => this.dialect.tidiedUp?.(this.docker, engineId), [404]);
  }

  async start(engineId: string): Promise<void> {
    await ofContainer(
      'start',
      engineId,
      async () => {
        try {
          await this.docker.getContainer(engineId).start();
        } catch (error) {
          throw startFailure(wordsOf(error), error) ?? error;
        }
      },
      [304],
    );
  }

  async stop(engineId: string, graceSeconds: number): Promise<void> {
    const options = { t: Math.max(0, Math.ceil(graceSeconds)) };
    await ofContainer('stop', engineId, () => this.docker.getContainer(engineId).stop(options), [304]);
  }

  willBeRemoved(engineId: string, is: boolean): void {
    this.dialect.leaving?.(engineId, is);
  }

  async kill(engineId: string, signal: string): Promise<void> {
    // To this one the answer comes when the end is tidied up.
    if (KILLS.includes(signal)) this.dialect.leaving?.(engineId, false);
    await ofContainer('kill', engineId, () => this.docker.getContainer(engineId).kill({ signal }));
  }

  async pause(engineId: string): Promise<void> {
    await ofContainer('pause', engineId, () => this.docker.getContainer(engineId).pause());
  }

  async unpause(engineId: string): Promise<void> {
    await ofContainer('unpause', engineId, async () => {
      try {
        await this.docker.getContainer(engineId).unpause();
      } catch (error) {
        // It was over before it was asked for: maybe the engine itself knew only when it asked the OCI runtime.
        if (!/\bnot paused\b/.test(wordsOf(error))) throw error;
      }
    });
  }

  async update(engineId: string, resources: Readonly<Record<string, unknown>>): Promise<void> {
    const { dialect, docker } = this;
    await ofContainer('update', engineId, async () => {
      if (dialect.update) await dialect.update(docker, engineId, resources);
      else await docker.getContainer(engineId).update(resources);
    });
  }

  async rename(engineId: string, name: string): Promise<void> {
    await ofContainer('rename', engineId, () => this.docker.getContainer(engineId).rename({ name }));
  }

  async remove(engineId: string, { keepVolumes = false } = {}): Promise<void> {
    this.dialect.leaving?.(engineId, true);
    await ofContainer(
      'remove',
      engineId,
      () => whileItEnds(() => this.docker.getContainer(engineId).remove({ force: true, v: !keepVolumes })),
      [404],
    );
    this.observer.forget(engineId);
    this.dialect.leaving?.(engineId, false);
  }

  logs(engineId: string, options: LogOptions): Promise<AsyncIterable<LogPart[]>> {
    const { dialect, docker } = this;
    return ofContainer('logs of', engineId, async () => {
      const container = await docker.getContainer(engineId).inspect();
      if (container.HostConfig.LogConfig?.Type === 'none') {
        throw unsupported('configured logging driver does not support reading');
      }
      const ended = () => this.observer.hasEnded(container);
      return dialect.logs ? dialect.logs(container, options, ended) : logParts(docker, container, options);
    });
  }

  exec(engineId: string, argv: string[], options: { timeoutMs: number }): Promise<ExecResult> {
    return ofContainer('exec in', engineId, () => runExec(this.docker, engineId, argv, options));
  }

  image(name: string): Promise<string | undefined> {
    return attempt(`look up image ${name}`, undefined, () => imageId(this.docker, name));
  }

  async imageConfig(name: string): Promise<ImageConfig> {
    const image = await attempt(`inspect image ${name}`, `No such image: ${withTag(name)}`, () =>
      this.docker.getImage(name).inspect(),
    );
    const config = imageConfigOf(image);
    const Healthcheck = config.defaults.Healthcheck ?? (await this.healthcheckOf(image.Id));
    return Healthcheck ? { ...config, defaults: { ...config.defaults, Healthcheck } } : config;
  }

  untagImage(name: string): Promise<void> {
    return attempt(`untag image ${name}`, `No such image: ${name}`, () => this.dialect.untag(this.docker, name));
  }

  importImage(tar: Readable, name: string, changes: string[] = []): Promise<string> {
    return attempt(`import image ${name}`, undefined, () => importImage(this.docker, tar, name, changes));
  }

  commit(engineId: string, request: CommitRequest): Promise<string> {
    const { dialect, docker } = this;
    return ofContainer('commit', engineId, () => (dialect.commit ?? commitDocker)(docker, engineId, request));
  }

  buildQuery(...asked: Parameters<Engine['buildQuery']>): ReturnType<Engine['buildQuery']> {
    return this.dialect.buildQuery(...asked);
  }

  pull(name: string, options: PullOptions = {}): Promise<void> {
    return pullImage(this.docker, name, options);
  }

  async createVolume(volume: Parameters<Engine['createVolume']>[0]): Promise<void> {
    const options = this.dialect.volumeOptions?.(volume.options) ?? volume.options;
    const rewritten = digestOf(options) !== digestOf(volume.options);
    await attempt(`create volume ${volume.name}`, undefined, () =>
      this.docker.createVolume({
        Name: volume.name,
        Driver: volume.driver,
        DriverOpts: options,
        Labels: { ...volume.labels, ...(rewritten && { [LABELS.volumeOptions]: JSON.stringify(volume.options) }) },
      }),
    );
  }

  async removeVolume(name: string): Promise<void> {
    await attempt(`remove volume ${name}`, undefined, () => this.docker.getVolume(name).remove(), [404]);
  }

  async listVolumes(): Promise<string[]> {
    const answer = await attempt('list volumes', undefined, () => this.docker.listVolumes());
    return (answer.Volumes ?? []).map((volume) => volume.Name);
  }
}
