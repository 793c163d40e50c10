import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid, notFound } from '#lib/common';
import type { Container, ContainerStatus, ObservedContainer } from '#lib/domain';
import { freshStatus } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { World } from '../world/world.js';

/** Everything that is known of one container at this moment. */
export interface KnownContainer {
  container: Container;
  status: ContainerStatus;
  /** undefined: the engine does not have it, yet or any more */
  seen: ObservedContainer | undefined;
}

/** The node's containers, and how people and tools name them. */
@Injectable()
export class ContainerDirectory {
  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly world: World,
  ) {}

  /** All that are not being removed. */
  all(): Container[] {
    return visible(this.store);
  }

  /** By full id, name (with or without `/`) or unique prefix of the id. Errors in Docker's words. */
  find(idOrName: string, view: Pick<Store, 'list'> = this.store, { leaving = false } = {}): Container {
    const removed = leaving
      ? view.list('container').filter((each) => each.target === 'removed' && !each.sandboxOnly)
      : [];
    const all = [...visible(view), ...removed];
    const name = idOrName.replace(/^\//, '');
    const exact = all.find((each) => each.id === idOrName) ?? all.find((each) => each.name === name);
    if (exact) return exact;
    const byPrefix = idOrName === '' ? [] : all.filter((each) => each.id.startsWith(idOrName));
    if (byPrefix.length > 1) throw invalid(`Multiple IDs found with provided prefix: ${idOrName}`);
    if (byPrefix[0]) return byPrefix[0];
    throw notFound(`No such container: ${idOrName}`);
  }

  /** @param options.leaving also one that is being removed, unless another has its name */
  know(idOrName: string, options?: { leaving?: boolean }): KnownContainer {
    return this.about(this.find(idOrName, this.store, options));
  }

  about(container: Container): KnownContainer {
    return {
      container,
      status: this.store.get('status', container.id)?.value ?? freshStatus(container),
      seen: this.world.container(container.id),
    };
  }

  /** By its full id, also one that is being removed. */
  get(id: string): Container | undefined {
    return this.store.get('container', id)?.value;
  }

  /** The engine's own id of it. */
  engineId(idOrName: string): string {
    const { container, seen } = this.know(idOrName);
    if (seen) return seen.engineId;
    throw conflict(`Container ${container.name} is not in the container engine at this moment`);
  }

  /** Our container behind an engine's id; undefined where it is not ours. */
  byEngineId(engineId: string): Container | undefined {
    const seen = [...this.world.all().values()].find((each) => each.engineId === engineId);
    return seen && this.store.get('container', seen.id)?.value;
  }
}

/** What people see of the containers: not those that leave, and no namespaces of builds. */
function visible(view: Pick<Store, 'list'>): Container[] {
  return view.list('container').filter((each) => each.target !== 'removed' && !each.sandboxOnly);
}
