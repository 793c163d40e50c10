import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid } from '#lib/common';
import { freshStatus, graceSeconds, type Container, type ContainerStatus, type RestartPolicy } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Change, Store } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { ClusterAttachments } from '../networks/cluster-attachments.js';
import { wishesOf } from '../networks/wanted-attachments.js';
import { ENGINE, STORE } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { follow, type WatchOptions } from '../reconciler/watch.js';
import { ContainerDirectory } from './container-directory.js';
import type { Draft } from './draft.js';
import { grantContainers, refuseUnreachable } from './grant-containers.js';
import { NodeGrants } from './node-grants.js';
import { readdressed, regrant } from './regrant.js';
import { refuseRunning } from './run-state.js';
import { RunningContainers } from './running-containers.js';
import { stopWishes, type StopOptions } from './stop-options.js';

type View = Pick<Store, 'list'>;

export interface RemoveOptions {
  force: boolean;
  volumes: boolean;
}

export interface ContainerUpdate {
  /** limits by Docker's names; those that are absent stay */
  resources: Readonly<Record<string, unknown>>;
  /** undefined: it stays */
  restart: RestartPolicy | undefined;
}

/** Single containers: what is asked for becomes desired state in one transaction, and is waited for. */
@Injectable()
export class ContainersService {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly grants: NodeGrants,
    private readonly reconciler: Reconciler,
    private readonly running: RunningContainers,
    private readonly events: EventLog,
    private readonly cluster: ClusterAttachments,
    private readonly problems: Problems,
  ) {}

  /** Its namespace and the engine's container are there when it resolves; nothing is when it fails. */
  async create(draft: Draft): Promise<Container> {
    try {
      return await this.change(draft.id, (view) => {
        this.mustBeFree(draft.name, view);
        // Ports are held by what runs: they are granted at each start.
        const [granted] = grantContainers([{ ...draft, portRequests: [] }], this.grants.look(view));
        const { attachments: _attachments, ...rest } = draft;
        refuseUnreachable(granted!.endpoints, draft.portRequests);
        const container: Container = { ...rest, endpoints: granted!.endpoints, ports: [] };
        return { changes: [put(container), putStatus(freshStatus(container))], result: container };
      });
    } catch (error) {
      await this.giveUp(draft.id);
      throw error;
    }
  }

  /**
   * False: it ran already. A start that fails is taken back, as in Docker.
   * @param patient it stays asked for instead, until it works
   */
  async start(idOrName: string, { patient = false } = {}): Promise<boolean> {
    const { container, status, seen } = this.directory.know(idOrName);
    const runs = seen?.state === 'running' && container.target === 'running' && !status.finished;
    if (seen?.state === 'paused') throw conflict('cannot start a paused container, try unpause instead');
    if (runs) return false;
    const begin = () =>
      this.change(
        container.id,
        (view) => {
          const current = this.directory.find(container.id, view);
          const granted = regrant(current, this.grants.look(view));
          const { stopWithinSeconds: _past, stopSignal: _sent, restarting: _done, ...rest } = granted;
          const { endedAt, exitCode } = view.get('status', current.id)?.value ?? {};
          return {
            changes: [put({ ...rest, target: 'running' }), putStatus({ ...freshStatus(current), endedAt, exitCode })],
            result: undefined,
          };
        },
        { patient },
      );
    await this.cluster.holding(wishesOf(container), begin).catch(async (error: unknown) => {
      if (container.autoRemove) await this.giveUp(container.id);
      else if (!patient) await this.takeBack(container);
      throw error;
    });
    return true;
  }

  /** What the reconciler would try again is not asked for any more, nor what was prepared for a run after another one. */
  private async takeBack(before: Container): Promise<void> {
    await this.store.transact((view) => {
      const container = view.get('container', before.id)?.value;
      const status = view.get('status', before.id)?.value;
      const asked = container?.target === 'running' && !status?.finished;
      const hasRun = before.target !== 'created' || status?.exitCode !== undefined;
      const back = asked || (container?.target === 'created' && hasRun);
      return { changes: back ? [put({ ...container, target: 'stopped' })] : [], result: undefined };
    });
  }

  /**
   * Before its start: the namespace of a container that has ended is there again, so that it can be attached to. Refused
   * where its addresses are not its own any more: they are heard of as soon as the namespace is there.
   */
  async prepare(idOrName: string): Promise<void> {
    const { container, status } = this.directory.know(idOrName);
    if (container.target === 'created' || (container.target === 'running' && !status.finished)) return;
    const begin = () =>
      this.change(container.id, (view) => {
        const { endedAt, exitCode } = view.get('status', container.id)?.value ?? {};
        const current = readdressed(this.directory.find(container.id, view), this.grants.look(view));
        return {
          changes: [
            put({ ...current, target: 'created', ports: [] }),
            putStatus({ ...freshStatus(current), endedAt, exitCode }),
          ],
          result: undefined,
        };
      });
    await this.cluster.holding(wishesOf(container), begin).catch(async (error: unknown) => {
      await this.takeBack(container);
      throw error;
    });
  }

  /** False: it was stopped already. */
  async stop(idOrName: string, options: StopOptions): Promise<boolean> {
    return this.bringDown(idOrName, options, {});
  }

  private async bringDown(
    idOrName: string,
    options: StopOptions,
    { restarting }: Pick<Container, 'restarting'>,
  ): Promise<boolean> {
    const wishes = stopWishes(options);
    const { container, status, seen } = this.directory.know(idOrName);
    const up = seen?.state === 'running' || seen?.state === 'paused' || seen?.state === 'other';
    const stays = container.target === 'stopped' || container.target === 'created' || status.finished;
    if (!up && stays) return false;
    if (seen?.state === 'paused') await this.running.unpause(idOrName);
    const stopped = (view: View) => ({
      changes: [put({ ...this.directory.find(container.id, view), target: 'stopped', ...wishes, restarting })],
      result: undefined,
    });
    await this.change(container.id, stopped, { leaving: true });
    await this.givenBack(container);
    return true;
  }

  async restart(idOrName: string, options: StopOptions): Promise<void> {
    const { id } = this.directory.find(idOrName);
    await this.bringDown(id, options, { restarting: true });
    await this.start(id);
    this.events.container(this.directory.find(id), 'restart');
  }

  async remove(idOrName: string, { force, volumes }: RemoveOptions): Promise<void> {
    const known = this.directory.know(idOrName, { leaving: true });
    const { container } = known;
    const leaving = container.target === 'removed';
    if (leaving && !(force && graceSeconds(container) > 0)) {
      throw conflict(`removal of container ${idOrName} is already in progress`);
    }
    if (!force) refuseRunning(known);
    const removed = (view: View) => ({
      changes: [
        put({
          ...this.directory.find(container.id, view, { leaving }),
          target: 'removed',
          stopWithinSeconds: 0,
          stopSignal: undefined,
          // Of one that is on its way already, whoever sent it there has decided.
          ...(!volumes && !leaving && { keepVolumes: true }),
        }),
      ],
      result: undefined,
    });
    await this.change(container.id, removed, { leaving: true });
    await this.givenBack(container);
  }

  async rename(idOrName: string, name: string): Promise<void> {
    const { id } = this.directory.find(idOrName);
    await this.change(id, (view) => {
      const container = this.directory.find(id, view);
      if (container.name === name) throw invalid('Renaming a container with the same name as its current name');
      this.mustBeFree(name, view, 'Error when allocating new name: ');
      return { changes: [put({ ...container, name })], result: undefined };
    });
  }

  /** Limits reach the engine at once where it runs, else when it starts; a policy counts from the next end on. */
  async update(idOrName: string, { resources, restart }: ContainerUpdate): Promise<void> {
    const { container, seen } = this.directory.know(idOrName);
    if (restart && restart.name !== 'no' && container.autoRemove) {
      throw invalid('Restart policy cannot be updated because AutoRemove is enabled for the container');
    }
    const limits = Object.keys(resources).length > 0;
    const up = seen?.state === 'running' || seen?.state === 'paused';
    if (limits && up) await this.engine.update(seen.engineId, resources);
    await this.store.transact((view) => {
      const current = this.directory.find(container.id, view);
      const changed: Container = {
        ...current,
        restart: restart ?? current.restart,
        ...(limits && { resources: { ...current.resources, ...resources } }),
      };
      return { changes: [put(changed)], result: undefined };
    });
    this.events.container(container, 'update');
  }

  /**
   * Changes the container's row and waits until the reconciler has nothing left to do for it.
   * @param patient also for a network that cannot be made now
   * @param leaving it is to end or to go
   */
  async change<T>(
    id: string,
    decide: Parameters<typeof this.store.transact<T>>[0],
    { patient = false, leaving = false } = {},
  ): Promise<T> {
    const watch: WatchOptions = {
      leaving,
      concerns: (action) => 'container' in action && action.container.id === id,
      awaits: (waiting) => waiting.container.id === id,
      ...(!patient && { heldUp: (ids) => this.problems.ofSteps(ids) }),
    };
    return follow(this.reconciler, watch, () => this.store.transact(decide));
  }

  /** Takes back what was asked for, without waiting for its end. */
  async giveUp(id: string): Promise<void> {
    await this.store.transact((view) => {
      const container = view.get('container', id)?.value;
      return { changes: container ? [put({ ...container, target: 'removed' })] : [], result: undefined };
    });
  }

  /** The manager knows that its addresses on networks of the swarm are free. */
  private async givenBack({ endpoints }: Container): Promise<void> {
    if (endpoints.some((at) => at.cluster !== undefined)) await this.cluster.settled();
  }

  private mustBeFree(name: string, view: Pick<Store, 'list'>, doing = ''): void {
    const holder = view.list('container').find((each) => each.name === name && each.target !== 'removed');
    if (!holder) return;
    throw conflict(
      `${doing}Conflict. The container name "/${name}" is already in use by container "${holder.id}". ` +
        `You have to remove (or rename) that container to be able to reuse that name.`,
    );
  }
}

const put = (value: Container): Change => ({ op: 'put', kind: 'container', value });
const putStatus = (value: ContainerStatus): Change => ({ op: 'put', kind: 'status', value });
