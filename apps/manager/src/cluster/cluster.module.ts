import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from './cluster-key.js';
import { FOLDER, KEY, STORE } from './tokens.js';

/** What the rest of the manager works on. Opened before the application is made, so that a failure is the first word. */
export interface ClusterParts {
  store: ClusterStore;
  key: ClusterKey;
  folder: string;
}

/** The cluster's state, for every module of the manager. */
@Global()
@Module({})
export class ClusterModule {
  static with({ store, key, folder }: ClusterParts): DynamicModule {
    const providers = [
      { provide: STORE, useValue: store },
      { provide: KEY, useValue: key },
      { provide: FOLDER, useValue: folder },
    ];
    return { module: ClusterModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
