import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError, unavailable } from '#lib/common';
import { freshStatus, LABELS, type Container, type ContainerStatus, type ObservedContainer } from '#lib/domain';
import type { Engine, EngineCreate } from '#lib/engine';
import type { Store } from '#lib/store';
import { WithheldAttaches } from '../containers/withheld-attaches.js';
import { DiscoveryFeed } from '../discovery/discovery-feed.js';
import { ImageChecks } from '../images/image-checks.js';
import { Images } from '../images/images.js';
import { ENGINE, NODE, STORE, type Node } from '../node/tokens.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { NewVolumes } from '../volumes/new-volumes.js';
import { Leases } from '../networks/leases.js';
import { engineSpec, notYetRun } from './creation.js';
import { exitCodeOf, willRepeat } from './refusals.js';
import { stopBySignal } from './stop-by-signal.js';
import { World } from './world.js';

/** What the reconciler does with containers; each effect is noted in the world before it counts as done. */
@Injectable()
export class ContainerActions {
  private readonly log = new Logger('containers');

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly sandbox: Sandbox,
    private readonly discovery: DiscoveryFeed,
    private readonly images: Images,
    private readonly checks: ImageChecks,
    private readonly leases: Leases,
    private readonly withheld: WithheldAttaches,
    private readonly volumes: NewVolumes,
  ) {}

  async create(container: Container): Promise<void> {
    await this.failing(container, async () => {
      await this.volumes.makeMissing(container.describedVolumes ?? []);
      const engineId = await this.createWithImage(container, {
        name: container.name,
        spec: this.withEngineIds(engineSpec(container)),
        labels: {
          [LABELS.container]: container.id,
          [LABELS.node]: this.node.id,
          [LABELS.specHash]: container.specHash,
        },
        network: this.network(container),
        mounts: this.sandbox.writeFiles(container),
      });
      // What is started next is looked at then.
      if (container.target === 'running') this.world.note({ ...notYetRun(container), engineId });
      else await this.world.look(engineId);
    });
  }

  /** The image is looked for when the engine misses something: each look costs as much as a create. */
  private async createWithImage(container: Container, request: EngineCreate): Promise<string> {
    try {
      return await this.engine.create(request);
    } catch (error) {
      if (!SkepError.is(error, 'not_found')) throw error;
      if (!(await this.images.fetch(container))) throw error;
      return this.engine.create(request);
    }
  }

  async start(container: Container): Promise<void> {
    const seen = this.world.container(container.id);
    if (!seen) throw unavailable(`container ${container.name} is not in the engine any more`);
    // After a reboot the files are gone while the container is not.
    this.sandbox.writeFiles(container);
    await this.failing(container, async () => {
      if (this.withheld.has(container.id)) {
        await this.engine.afterFailedStart(seen.engineId);
        await this.withheld.retry(container.id);
      }
      const checked = await this.checks.settled(container);
      const since = Date.now();
      await this.startInEngine(container, seen.engineId);
      if (container.resources) await this.limit(container, seen.engineId, container.resources);
      await this.noteFreshRun(checked, since);
      await this.world.look(seen.engineId);
    });
  }

  /** Who removed it behind our back does not decide that it is not to run: it is made anew. */
  private async startInEngine(container: Container, engineId: string): Promise<void> {
    try {
      await this.engine.start(engineId);
    } catch (error) {
      if (!SkepError.is(error, 'not_found')) throw error;
      this.world.forget(container.id);
      throw unavailable(`container ${container.name} is not in the engine any more`, error);
    }
  }

  /** Out of the answers first, then the stop signal: the engine's stop sends the container's own, and ends the rest. */
  async stop(container: Container): Promise<void> {
    const seen = this.world.container(container.id);
    if (!seen) return;
    await this.discovery.flush();
    await this.thaw(seen);
    const graceSeconds = container.stopWithinSeconds ?? container.stopGraceSeconds;
    const { stopSignal: signal } = container;
    const { engine, world } = this;
    if (signal !== undefined) await stopBySignal({ engine, world }, seen, { signal, graceSeconds });
    await this.engine.stop(seen.engineId, signal === undefined ? graceSeconds : 0);
    await this.world.look(seen.engineId);
  }

  /** A paused process gets no signal before it goes on, and Podman refuses to stop one. */
  private async thaw({ state, engineId }: ObservedContainer): Promise<void> {
    if (state !== 'paused' || (await this.world.look(engineId)).state !== 'paused') return;
    await this.engine.unpause(engineId);
    await this.world.look(engineId);
  }

  async remove(container: Container): Promise<void> {
    const seen = this.world.container(container.id);
    if (!seen) return;
    await this.engine.remove(seen.engineId, { keepVolumes: container.keepVolumes });
    this.world.forget(container.id);
  }

  async rename(container: Container): Promise<void> {
    const seen = this.world.container(container.id);
    if (!seen) return;
    await this.engine.rename(seen.engineId, container.name);
    await this.world.look(seen.engineId);
  }

  /** No row says that anybody gave up what it has written. */
  async discard(seen: ObservedContainer): Promise<void> {
    await this.engine.remove(seen.engineId, { keepVolumes: true });
    this.world.forget(seen.id);
  }

  async forget(container: Container): Promise<void> {
    if (!container.keepVolumes) await this.removeVolumes(container);
    this.sandbox.removeFiles(container);
    this.leases.released(container);
    await this.store.commit([
      { op: 'delete', kind: 'status', id: container.id },
      { op: 'delete', kind: 'container', id: container.id },
    ]);
  }

  /** Those that another container has by now stay. */
  private async removeVolumes({ ownVolumes = [] }: Container): Promise<void> {
    for (const name of ownVolumes) {
      await this.engine.removeVolume(name).catch((error: unknown) => {
        if (!SkepError.is(error, 'conflict')) throw error;
      });
    }
  }

  /**
   * A run begins without a health record; nothing is written where that is so already, or where the end of this very run
   * is accounted for by now.
   * @param since before it began, milliseconds since the epoch
   */
  private async noteFreshRun(container: Container, since: number): Promise<void> {
    const fresh = freshStatus(container);
    if (isFresh(this.store.get('status', container.id)?.value, fresh)) return;
    await this.store.transact((view) => {
      const status = view.get('status', container.id)?.value;
      if (status?.endedAt && Date.parse(status.endedAt) >= since) return { changes: [], result: undefined };
      const value = {
        ...status,
        ...fresh,
        restartCount: status?.restartCount ?? 0,
        restartAt: undefined,
        error: undefined,
      };
      return { changes: [{ op: 'put', kind: 'status', value }], result: undefined };
    });
  }

  /** The container runs either way: limits that the engine refuses are told of in the log. */
  private async limit(container: Container, engineId: string, resources: Readonly<Record<string, unknown>>) {
    try {
      await this.engine.update(engineId, resources);
    } catch (error) {
      this.log.warn(`${container.name} runs without its changed limits: ${messageOf(error)}`);
    }
  }

  /** What the engine will refuse again counts as a run that ended. Everything else is asked again later. */
  private async failing(container: Container, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (willRepeat(error)) await this.refused(container, error);
      throw error;
    }
  }

  /** Whoever has taken back the wish meanwhile gets no end of it. */
  private async refused({ id }: Container, error: unknown): Promise<void> {
    await this.store.transact((view) => {
      const container = view.get('container', id)?.value;
      if (container?.target !== 'running') return { changes: [], result: undefined };
      const status = view.get('status', id)?.value ?? freshStatus(container);
      const value = { ...status, finished: true, exitCode: exitCodeOf(error), error: messageOf(error) };
      return { changes: [{ op: 'put', kind: 'status', value }], result: undefined };
    });
  }

  /** Names of other containers that the engine is told of become its own ids of them. */
  private withEngineIds(spec: Container['spec']): Container['spec'] {
    const host = spec.HostConfig ?? {};
    const idOf = (name: string) => {
      const other = this.store.list('container').find((each) => each.name === name || each.id.startsWith(name));
      return (other && this.world.container(other.id)?.engineId) ?? name;
    };
    const shared = (mode: unknown) =>
      typeof mode === 'string' && mode.startsWith('container:') ? `container:${idOf(mode.slice(10))}` : mode;
    const from = (host['VolumesFrom'] as string[] | undefined)?.map((entry) => {
      const [name = '', ...options] = entry.split(':');
      return [idOf(name), ...options].join(':');
    });
    return {
      ...spec,
      HostConfig: {
        ...host,
        ...(host['PidMode'] !== undefined && { PidMode: shared(host['PidMode']) }),
        ...(host['IpcMode'] !== undefined && { IpcMode: shared(host['IpcMode']) }),
        ...(from && { VolumesFrom: from }),
      },
    };
  }

  private network(container: Container): EngineCreate['network'] {
    const mode = container.networkMode;
    if (mode === 'bridged') return { netnsPath: this.node.names.netnsPath(container.id) };
    if (mode === 'none' || mode === 'host') return { mode };
    const id = mode.slice('container:'.length);
    const other = this.world.container(id);
    if (!other) throw unavailable(`container ${container.name} shares the network of ${id}, which is not there yet`);
    return { container: other.engineId };
  }
}

function isFresh(status: ContainerStatus | undefined, fresh: ContainerStatus): boolean {
  if (!status || status.error || status.finished) return false;
  return status.health === fresh.health && status.restartAt === undefined;
}
