import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { isVirtual, LABELS } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { MemoryKills } from '../../containers/memory-kills.js';
import { HealthRunner } from '../../health/health-runner.js';
import { ENGINE, NODE, STORE, type Node } from '../../node/tokens.js';
import { select, type ListQuery } from './list-query.js';
import { inspection } from './view/inspect.js';
import type { NetworkOf } from './view/networks.js';
import { summaryOf } from './view/summary.js';

/** The unified hierarchy (cgroup v2) is the one with this file. */
const CGROUPNS = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'private' : 'host';

export interface ViewOptions {
  /** measured by the engine, which takes its time */
  size: boolean;
  /** as before API 1.45 */
  aliasesWithId: boolean;
}

/** Containers as the Engine API shows them. */
@Injectable()
export class ContainerViews {
  private readonly networkOf: NetworkOf = (id) =>
    this.store.get('network', id)?.value ??
    this.store.list('network').find((network) => isVirtual(network) && network.driver === id);

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly health: HealthRunner,
    private readonly memory: MemoryKills,
  ) {}

  /** A listing asks the engine only for sizes and for the ids of images that a filter names. */
  async list(query: ListQuery, { size, aliasesWithId }: ViewOptions) {
    const images = new Map<string, string | undefined>();
    for (const name of query.filters.all('ancestor')) images.set(name, await this.engine.image(name));
    const chosen = select(
      this.directory.all().map((container) => this.directory.about(container)),
      query,
      {
        networkOf: this.networkOf,
        imageId: (name) => images.get(name),
        find: (name) => this.directory.find(name),
      },
    );
    const sizes = size ? await this.engine.sizes(`${LABELS.node}=${this.node.id}`) : undefined;
    const now = Date.now();
    return chosen.map((known) =>
      summaryOf(known, {
        networkOf: this.networkOf,
        files: this.files(known.container.id),
        size: sizes && (sizes.get(known.seen?.engineId ?? '') ?? { writable: 0, rootFs: 0 }),
        aliasesWithId,
        now,
      }),
    );
  }

  async inspect(idOrName: string, { size, aliasesWithId }: ViewOptions) {
    const { seen, container } = this.directory.know(idOrName);
    const details = seen && (await this.engine.details(seen.engineId, { size }));
    // What happened while the engine was asked counts.
    const known = this.directory.about(this.directory.find(container.id));
    return inspection(known, {
      networkOf: this.networkOf,
      names: this.node.names,
      details,
      outOfMemory: this.memory.happenedTo(container.id),
      probes: this.health.probes.of(container.id),
      size,
      cgroupns: CGROUPNS,
      files: this.files(container.id),
      aliasesWithId,
    });
  }

  private files(id: string): string {
    return join(this.node.config.execRoot, 'containers', id);
  }
}
