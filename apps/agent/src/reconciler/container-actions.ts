import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError, unavailable } from '#lib/common';
import {
  freshStatus,
  graceSeconds,
  LABELS,
  sharedContainers,
  type Container,
  type ContainerStatus,
  type LeftEndpoint,
  type ObservedContainer,
} from '#lib/domain';
import type { Engine, EngineCreate } from '#lib/engine';
import type { Store } from '#lib/store';
import { DiscoveryFeed } from '../discovery/discovery-feed.js';
import { ImageChecks } from '../images/image-checks.js';
import { Images } from '../images/images.js';
import { MovingTags } from '../images/moving-tags.js';
import { Leases } from '../ipam/leases.js';
import { ENGINE, NODE, STORE, type Node } from '../node/tokens.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { NewVolumes } from '../volumes/new-volumes.js';
import { World } from '../world/world.js';
import { engineSpec, isLastRun, limitsOfRun, notYetRun } from './creation.js';
import { engineIdsOf, engineNetwork, volumeSources, withEngineIds } from './engine-ids.js';
import type { Outside } from './executor.js';
import { exitCodeOf, willRepeat } from './refusals.js';
import { endingInTime } from './shorter-stop.js';
import { stopBySignal } from './stop-by-signal.js';
import { WithheldAttaches } from './withheld-attaches.js';

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
    private readonly tags: MovingTags,
    private readonly checks: ImageChecks,
    private readonly leases: Leases,
    private readonly withheld: WithheldAttaches,
    private readonly volumes: NewVolumes,
  ) {}

  async create(container: Container, outside: Outside): Promise<void> {
    const { execRoot } = this.node.config;
    await this.failing(container, async () => {
      await this.volumes.makeMissing(container.describedVolumes ?? []);
      // Of one that was just made it is not known yet what it has mounted.
      for (const id of volumeSources(container, this.store, this.world)) await this.world.look(id);
      const request = {
        name: container.name,
        spec: withEngineIds({ id: container.id, spec: engineSpec(container) }, this.store, this.world, execRoot),
        labels: {
          [LABELS.container]: container.id,
          [LABELS.node]: this.node.id,
          [LABELS.specHash]: container.specHash,
        },
        network: engineNetwork(container, this.node.names, this.world),
        mounts: this.sandbox.writeFiles(container),
      };
      const engineId = await this.createWithImage(container, request, outside);
      if (isLastRun(container)) this.engine.willBeRemoved(engineId, true);
      // It is not removed as long as this one is there.
      for (const id of engineIdsOf(sharedContainers(container), this.world)) this.engine.willBeRemoved(id, false);
      // What is started next is looked at then.
      if (container.target === 'running') this.world.note({ ...notYetRun(container), engineId });
      else await this.world.look(engineId);
    });
  }

  /** The image is looked for when the engine misses something: each look costs as much as a create. */
  private async createWithImage(container: Container, request: EngineCreate, outside: Outside): Promise<string> {
    if (container.pullPolicy === 'newer') await outside(() => this.tags.follow(container));
    try {
      return await this.engine.create(request);
    } catch (error) {
      if (!SkepError.is(error, 'not_found')) throw error;
      if (!(await outside(() => this.images.fetch(container)))) throw error;
      return this.engine.create(request);
    }
  }

  async start(container: Container): Promise<void> {
    const seen = this.world.container(container.id);
    if (!seen) throw unavailable(`container ${container.name} is not in the engine any more`);
    // After a reboot the files are gone while the container is not.
    this.sandbox.writeFiles(container);
    const withheld = this.withheld.has(container.id);
    // What is in the way of it says nothing about the container.
    if (withheld) await this.engine.tidiedUp(seen.engineId);
    await this.failing(container, async () => {
      if (withheld) await this.withheld.retry(container.id);
      const checked = await this.checks.settled(container, seen.imageId || container.spec.Image);
      const before = this.store.get('status', container.id)?.value.endedAt;
      await this.startInEngine(container, seen.engineId);
      const limits = limitsOfRun(container);
      if (limits) await this.limit(container, seen.engineId, limits);
      await this.noteFreshRun(checked, before);
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
    const { engine, store, world } = this;
    await endingInTime({ engine, store, world }, { container, engineId: seen.engineId }, async () => {
      await this.discovery.flush();
      await this.thaw(seen);
      const grace = graceSeconds(container);
      engine.willBeRemoved(seen.engineId, isLastRun(container));
      const { stopSignal: signal } = container;
      if (signal !== undefined) await stopBySignal({ engine, world }, seen, { signal, graceSeconds: grace });
      await engine.stop(seen.engineId, signal === undefined ? grace : 0);
    });
    await world.look(seen.engineId);
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

  /** What a container left is taken away once: somebody else may have the addresses from now on. */
  async haveLeft({ id, leaving = [] }: Container): Promise<void> {
    const open = leaving.filter(({ gone }) => !gone);
    if (open.length === 0) return;
    const isOne = (at: LeftEndpoint) => open.some((o) => o.networkId === at.networkId && o.ifName === at.ifName);
    await this.store.transact((view) => {
      const container = view.get('container', id)?.value;
      if (!container?.leaving?.some(isOne)) return { changes: [], result: undefined };
      this.leases.released({ ...container, endpoints: open });
      const marked = container.leaving.map((at): LeftEndpoint => (isOne(at) ? { ...at, gone: true } : at));
      return {
        changes: [{ op: 'put', kind: 'container', value: { ...container, leaving: marked } }],
        result: undefined,
      };
    });
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
   * @param before the end that was accounted for last when it began
   */
  private async noteFreshRun(container: Container, before: string | undefined): Promise<void> {
    const fresh = freshStatus(container);
    if (isFresh(this.store.get('status', container.id)?.value, fresh)) return;
    await this.store.transact((view) => {
      const status = view.get('status', container.id)?.value;
      if (status?.endedAt !== before) return { changes: [], result: undefined };
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
      this.log.warn(`${container.name} runs without some of its limits: ${messageOf(error)}`);
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
}

function isFresh(status: ContainerStatus | undefined, fresh: ContainerStatus): boolean {
  if (!status || status.error || status.finished) return false;
  return status.health === fresh.health && status.restartAt === undefined;
}
