import { Inject, Injectable } from '@nestjs/common';
import { checkNetworks, refuseUnsupported, type Project } from '#lib/compose';
import { listed, SkepError, waitFor } from '#lib/common';
import type { DownRequest, ProgressEvent, StopRequest, UpRequest } from '#lib/contracts';
import type { Container, ObservedContainer } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Host } from '#lib/host';
import type { Plan } from '#lib/planner';
import type { Store } from '#lib/store';
import { Leases } from '../ipam/leases.js';
import { planView } from '../networks/plan-view.js';
import { NodeSurroundings } from '../networks/surroundings.js';
import { ENGINE, HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { follow } from '../reconciler/watch.js';
import { World } from '../world/world.js';
import { seal } from '../node/seal.js';
import { ClusterAttachments } from '../networks/cluster-attachments.js';
import { checkSources, createBindSources } from './bind-sources.js';
import { chosenServices } from './desired/drafts.js';
import { clusterWishes } from './desired/cluster-wishes.js';
import { downChanges, orphansOf, stopChanges } from './down.js';
import { nameOf, resourceOf } from './progress.js';
import { ProjectImages } from './project-images.js';
import { projectWatch } from './project-watch.js';
import { networksMade, withChanges } from './preview.js';
import { upTransition, type Transition } from './transition.js';
import { idsByName, type IdOf, type TransitionFinds } from './transition-finds.js';

export interface Conversation {
  emit: (event: ProgressEvent) => void;
  signal: AbortSignal;
}

/** Milliseconds. */
const ENGINE_BACK_MS = 5_000;

/** Compose projects: what is asked for becomes desired state in one transaction; then it is only watched. */
@Injectable()
export class ProjectsService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly surroundings: NodeSurroundings,
    private readonly leases: Leases,
    private readonly images: ProjectImages,
    private readonly reconciler: Reconciler,
    private readonly world: World,
    private readonly cluster: ClusterAttachments,
  ) {}

  async up(project: Project, request: UpRequest, talk: Conversation): Promise<void> {
    refuseUnsupported(project);
    checkNetworks(project);
    const idOf = idsByName();
    await this.cluster.holding(this.wishes(project, request, { idOf }), () =>
      this.bringUp(project, request, talk, idOf),
    );
  }

  private async bringUp(project: Project, request: UpRequest, talk: Conversation, idOf: IdOf): Promise<void> {
    await this.untilEngineAnswers();
    // Everything is checked before anything is done; the same decision is then taken in the transaction.
    const volumes = await this.volumesFor(project);
    const preview = this.transition(project, request, this.store, { idOf, volumes });
    // Containers that stay as they are have what they need.
    await checkSources(project, [...new Set(preview.changes.flatMap(serviceOf))]);
    warnOfOrphans(project.name, preview.orphans, talk);
    for (const message of preview.warnings) talk.emit({ type: 'warning', message });
    if (!request.dryRun) await this.images.pull(preview.containers, request.registryAuth, talk);
    const finds = { idOf, volumes, ...(await this.lookAt(project.name, preview.containers)) };
    if (request.dryRun) return this.show(this.transition(project, request, this.store, finds), talk);
    await createBindSources(project, chosenServices(project, request));
    const startedAt = Date.now();
    let wanted: Container[] = [];
    const watch = projectWatch({
      emit: talk.emit,
      signal: talk.signal,
      project: project.name,
      timeoutMs: request.wait ? request.waitTimeoutMs : undefined,
      reached: () => !request.wait || wanted.every((container) => this.isReady(container)),
    });
    // What is made anew since its image is another one was not known to need new attachments.
    await this.cluster.holding(this.wishes(project, request, finds), () =>
      follow(this.reconciler, watch, () =>
        this.store.transact((view) => {
          const { changes, containers } = this.transition(project, request, view, finds);
          return { changes, result: (wanted = containers) };
        }),
      ),
    );
    this.reportRunning(wanted, talk, Date.now() - startedAt);
  }

  async down(name: string, request: DownRequest, talk: Conversation): Promise<void> {
    const made = await this.volumesMade();
    warnOfOrphans(name, orphansOf(this.store, name, request), talk);
    if (downChanges(this.store, name, request, made).length === 0) {
      talk.emit({ type: 'warning', message: `no resource found to remove for project ${name}` });
      return;
    }
    await this.change(name, talk, (view) => downChanges(view, name, request, made));
  }

  async stop(name: string, request: StopRequest, talk: Conversation): Promise<void> {
    await this.change(name, talk, (view) => stopChanges(view, name, request));
  }

  private async change(
    project: string,
    talk: Conversation,
    decide: (view: Pick<Store, 'list'>) => Transition['changes'],
  ) {
    const watch = projectWatch({ emit: talk.emit, signal: talk.signal, project, reached: () => true });
    await follow(this.reconciler, { ...watch, leaving: true }, () =>
      this.store.transact((view) => ({ changes: decide(view), result: undefined })),
    );
    await this.cluster.settled();
  }

  private transition(
    project: Project,
    request: UpRequest,
    view: Pick<Store, 'get' | 'list'>,
    finds: TransitionFinds,
  ): Transition {
    return upTransition(project, request, {
      ...this.facts(finds),
      view,
      surroundings: this.surroundings.look(view.list('network')),
      listening: (protocol, port, hostIp) => this.host.listening(protocol, port, hostIp),
      random: () => Math.random(),
      volumes: finds.volumes,
      quarantined: (networkId) => this.leases.quarantined(networkId),
      seal: (content) => seal(content, this.node.config.dataRoot),
    });
  }

  private wishes(project: Project, request: UpRequest, finds: Omit<TransitionFinds, 'volumes'>) {
    return clusterWishes(project, request, {
      ...this.facts(finds),
      existing: this.containersOf(project.name),
      networks: this.store.list('network'),
      concerns: (network) => this.cluster.concerns(network),
      now: new Date().toISOString(),
    });
  }

  /** By these it is decided which containers stay: for the swarm's attachments as for the transition. */
  private facts({ idOf, images, looked }: Omit<TransitionFinds, 'volumes'>) {
    return {
      idOf,
      image: (name: string) => images?.get(name),
      observed: (id: string) => looked?.get(id) ?? this.world.container(id),
    };
  }

  private containersOf(project: string): Container[] {
    return this.store.list('container').filter((each) => each.project === project && each.target !== 'removed');
  }

  /** Images as they are now, and those of the project's containers that were not looked at since they were made. */
  private async lookAt(project: string, wanted: readonly Container[]) {
    const looked = new Map<string, ObservedContainer>();
    for (const { id } of this.containersOf(project)) {
      const seen = this.world.container(id);
      if (seen?.imageId !== '') continue;
      try {
        looked.set(id, await this.engine.inspect(seen.engineId));
      } catch (error) {
        if (!SkepError.is(error, 'not_found')) throw error;
      }
    }
    return { images: await this.images.look(wanted), looked };
  }

  private show({ changes }: Transition, { emit }: Conversation): void {
    const plan: Plan = this.reconciler.preview((desired) => withChanges(desired, changes));
    const steps = plan.steps.map((step) => ({
      id: step.id,
      kind: step.kind,
      resource: resourceOf(step),
      name: nameOf(step),
      after: step.after,
    }));
    const around = this.surroundings.look(this.store.list('network'));
    const networks = networksMade(changes).map((network) => planView(network, around));
    emit({ type: 'plan', steps, ...(networks.length > 0 && { networks }) });
  }

  /** A service of an engine that has died is back in a moment. Where it is not, what is asked of it next says so. */
  private async untilEngineAnswers(): Promise<void> {
    const answers = () => this.engine.ping();
    await waitFor(answers, { ms: ENGINE_BACK_MS, every: 50, what: 'the engine to answer' }).catch(() => undefined);
  }

  /** Asked for anew, since the engine makes volumes for others as well. */
  private async volumesFor({ volumes }: Project): Promise<ReadonlySet<string>> {
    return new Set(Object.keys(volumes).length > 0 ? await this.engine.listVolumes() : []);
  }

  /** undefined: the engine does not answer, and what is asked for happens when it does */
  private async volumesMade(): Promise<ReadonlySet<string> | undefined> {
    try {
      return new Set(await this.engine.listVolumes());
    } catch (error) {
      if (SkepError.is(error, 'unavailable')) return undefined;
      throw error;
    }
  }

  /** Running, and healthy where that is checked; a run that ended well counts too. */
  private isReady(container: Container): boolean {
    const status = this.store.get('status', container.id)?.value;
    const seen = this.world.container(container.id);
    if (status?.finished) {
      if (status.exitCode === 0) return true;
      throw new SkepError('conflict', `container ${container.name} exited (${String(status.exitCode ?? '?')})`);
    }
    if (status?.health === 'unhealthy') throw new SkepError('conflict', `container ${container.name} is unhealthy`);
    return seen?.state === 'running' && (!container.healthcheck || status?.health === 'healthy');
  }

  private reportRunning(containers: readonly Container[], { emit }: Conversation, elapsedMs: number): void {
    for (const { id, name } of containers) {
      if (this.world.container(id)?.state !== 'running') continue;
      const health = this.store.get('status', id)?.value.health;
      emit({
        type: 'progress',
        resource: 'container',
        name,
        state: health === 'healthy' ? 'Healthy' : 'Running',
        done: true,
        elapsedMs,
      });
    }
  }
}

/** The service of a container that is to be there, also as another one. */
const serviceOf = (change: Transition['changes'][number]): string[] =>
  change.op === 'put' && change.kind === 'container' && change.value.target !== 'removed'
    ? [change.value.service ?? []].flat()
    : [];

function warnOfOrphans(project: string, orphans: readonly Container[], { emit }: Conversation): void {
  if (orphans.length === 0) return;
  const names = listed(orphans.map((each) => each.name));
  emit({
    type: 'warning',
    message: `orphan containers of project ${project}: ${names}; --remove-orphans removes them`,
  });
}
