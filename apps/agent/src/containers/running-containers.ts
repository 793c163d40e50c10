import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid } from '#lib/common';
import { freshStatus } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { signalNumber } from '../events/signals.js';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../reconciler/world.js';
import { ContainerDirectory } from './container-directory.js';

/** What is done at once to a container that runs, and is no desired state: signals, and standing still. */
@Injectable()
export class RunningContainers {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly world: World,
    private readonly events: EventLog,
  ) {}

  /**
   * Sends a signal. The restart policy is not asked when the container ends after it, unless it has a stop signal of its
   * own and this is another one (Docker's rule).
   */
  async kill(idOrName: string, signal: string): Promise<void> {
    const number = signalNumber(signal);
    if (number === undefined) throw invalid(`invalid signal: ${signal.slice(0, 50)}`);
    const { container, seen } = this.directory.know(idOrName);
    if (seen?.state !== 'running' && seen?.state !== 'paused') {
      throw conflict(`cannot kill container: ${idOrName}: container ${container.id} is not running`);
    }
    const { StopSignal: own } = container.spec;
    if (!own || number === signalNumber('SIGKILL') || number === signalNumber(own)) {
      await this.store.transact((view) => {
        const status = view.get('status', container.id)?.value ?? freshStatus(container);
        return { changes: [{ op: 'put', kind: 'status', value: { ...status, signalled: true } }], result: undefined };
      });
    }
    this.events.container(container, 'kill', { signal: String(number) });
    await this.engine.kill(seen.engineId, String(number));
    await this.world.look(seen.engineId);
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
