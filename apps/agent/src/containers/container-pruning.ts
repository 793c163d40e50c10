import { Inject, Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { LABELS } from '#lib/domain';
import type { Engine } from '#lib/engine';
import { EventLog } from '../events/event-log.js';
import { ENGINE, NODE, type Node } from '../node/tokens.js';
import { ContainerDirectory, type KnownContainer } from './container-directory.js';
import { ContainersService } from './containers.service.js';

/** Removes what nobody uses any more. */
@Injectable()
export class ContainerPruning {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly containers: ContainersService,
    private readonly events: EventLog,
  ) {}

  /** Ids of the containers that went, and the bytes that they had written. */
  async prune(wanted: (known: KnownContainer) => boolean): Promise<{ removed: string[]; bytes: number }> {
    const sizes = await this.engine.sizes(`${LABELS.node}=${this.node.id}`);
    const chosen = this.directory.all().map((each) => this.directory.about(each));
    const removed: string[] = [];
    let bytes = 0;
    for (const { container, seen } of chosen.filter(wanted)) {
      if (!(await this.remove(container.id))) continue;
      removed.push(container.id);
      bytes += sizes.get(seen?.engineId ?? '')?.writable ?? 0;
    }
    this.events.pruned('container', bytes);
    return { removed, bytes };
  }

  /** False: somebody started or removed it meanwhile. */
  private async remove(id: string): Promise<boolean> {
    try {
      await this.containers.remove(id, { force: false, volumes: false });
      return true;
    } catch (error) {
      if (SkepError.is(error, 'conflict') || SkepError.is(error, 'not_found')) return false;
      throw error;
    }
  }
}
