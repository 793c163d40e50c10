import { join } from 'node:path';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { DaemonConfig, ResolverClient } from '#lib/contracts';
import { NodeNames } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { ENGINE, HOST, NODE, RESOLVER, STORE } from './tokens.js';

/** What the rest of the agent works on. Opened before the application is made, so that a failure is the first word. */
export interface NodeParts {
  config: DaemonConfig;
  store: Store;
  host: Host;
  engine: Engine;
  resolver: ResolverClient;
}

export const databasePath = (config: DaemonConfig): string => join(config.dataRoot, 'node.db');

/** The node's own parts, for every module of the agent. */
@Global()
@Module({})
export class NodeModule {
  static with({ config, store, host, engine, resolver }: NodeParts): DynamicModule {
    const node = { id: store.ownerId, names: new NodeNames(store.ownerId), config };
    const providers = [
      { provide: NODE, useValue: node },
      { provide: STORE, useValue: store },
      { provide: HOST, useValue: host },
      { provide: ENGINE, useValue: engine },
      { provide: RESOLVER, useValue: resolver },
    ];
    return { module: NodeModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
