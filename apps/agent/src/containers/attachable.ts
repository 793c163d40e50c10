import { Inject, Injectable } from '@nestjs/common';
import { conflict, SkepError, waitFor } from '#lib/common';
import type { Engine } from '#lib/engine';
import { ENGINE } from '../node/tokens.js';
import { World } from '../world/world.js';
import { ContainerDirectory } from './container-directory.js';
import { ContainersService } from './containers.service.js';

/** How long it takes at most from the end of a container until that is accounted for. */
const END_MS = 2_000;

/** Makes a container ready to be attached to: one that runs, and one that is started next. */
@Injectable()
export class Attachable {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly directory: ContainerDirectory,
    private readonly containers: ContainersService,
  ) {}

  /** Errors in Docker's words: `conflict` while it is paused or between two runs. */
  async ready(idOrName: string): Promise<void> {
    const { container, seen, status } = this.directory.know(idOrName);
    if (seen?.state === 'paused') {
      throw conflict(`container ${idOrName} is paused, unpause the container before attach`);
    }
    if (seen && container.target === 'running') await this.atRest(container.id, seen.engineId, idOrName);
    await this.containers.prepare(container.id);
    const hasRun = status.exitCode !== undefined;
    if (seen && hasRun && seen.state !== 'running') await this.engine.tidiedUp(seen.engineId);
  }

  /** A process may have ended that nobody has looked after yet: an engine that is asked to attach would make a new one. */
  private async atRest(id: string, engineId: string, idOrName: string): Promise<void> {
    const { state } = await this.world.look(engineId);
    if (state === 'running') return;
    const settled = () => {
      const { container, status, seen } = this.directory.know(id);
      return container.target !== 'running' || status.finished || seen?.state === 'running';
    };
    await waitFor(settled, { ms: END_MS, every: 5, what: `the end of container ${idOrName}` }).catch(
      (error: unknown) => {
        if (!SkepError.is(error, 'timeout')) throw error;
        throw conflict(`container ${idOrName} is restarting, wait until the container is running before attach`, error);
      },
    );
  }
}
