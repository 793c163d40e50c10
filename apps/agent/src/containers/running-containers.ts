import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid, systemClock } from '#lib/common';
import { freshStatus, type Container } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { ENGINE, STORE } from '../node/tokens.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { World } from '../world/world.js';
import { ContainerDirectory } from './container-directory.js';
import { runStateOf } from './run-state.js';
import { signalNumber } from './signals.js';

/** What is done at once to a container that runs, and is no desired state: signals, and standing still. */
@Injectable()
export class RunningContainers {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly world: World,
    private readonly reconciler: Reconciler,
    private readonly events: EventLog,
  ) {}

  /**
   * Sends a signal. The restart policy is not asked when the container ends after it, unless it has a stop signal of its
   * own and this is another one (Docker's rule). Between two runs nobody gets the signal, and no other run follows.
   */
  async kill(idOrName: string, signal: string): Promise<void> {
    const number = signalNumber(signal);
    if (number === undefined) throw invalid(`invalid signal: ${signal.slice(0, 50)}`);
    const known = this.directory.know(idOrName);
    const { container } = known;
    const { StopSignal: own } = container.spec;
    const last = !own || number === signalNumber('SIGKILL') || number === signalNumber(own);
    const between = runStateOf(known).phase === 'restarting';
    if (between && last) await this.cancelRestart(container);
    const seen = this.world.container(container.id);
    if (seen?.state !== 'running' && seen?.state !== 'paused') {
      if (between) return;
      throw conflict(`cannot kill container: ${idOrName}: container ${container.id} is not running`);
    }
    if (last) {
      await this.store.transact((view) => {
        const status = view.get('status', container.id)?.value ?? freshStatus(container);
        return { changes: [{ op: 'put', kind: 'status', value: { ...status, signalled: true } }], result: undefined };
      });
    }
    this.events.container(container, 'kill', { signal: String(number) });
    await this.engine.kill(seen.engineId, String(number));
    await this.world.look(seen.engineId);
  }

  /**
   * Whatever the next run waits for, it does not come. A start that is under way has ended when it resolves: maybe the
   * container runs then, for the last time.
   */
  private async cancelRestart({ id }: Container): Promise<void> {
    await this.store.transact((view) => {
      const status = view.get('status', id)?.value;
      if (!status) return { changes: [], result: undefined };
      const value = { ...status, signalled: true, finished: true, restartAt: undefined };
      return { changes: [{ op: 'put', kind: 'status', value }], result: undefined };
    });
    const starting = () =>
      this.reconciler.busy.some((step) => step.kind === 'container.start' && step.container.id === id);
    while (starting()) await systemClock.sleep(10);
  }

  async pause(idOrName: string): Promise<void> {
    const { container, seen } = this.directory.know(idOrName);
    if (seen?.state === 'paused') throw conflict(`Container ${container.id} is already paused`);
    if (seen?.state !== 'running') throw conflict(`Container ${container.id} is not running`);
    await this.engine.pause(seen.engineId);
    await this.world.look(seen.engineId);
  }

  async unpause(idOrName: string): Promise<void> {
    const { container, seen } = this.directory.know(idOrName);
    if (seen?.state !== 'paused') throw conflict(`Container ${container.id} is not paused`);
    await this.engine.unpause(seen.engineId);
    await this.world.look(seen.engineId);
  }
}
