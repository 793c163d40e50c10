import { Controller, Inject } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';
import { SealedObjectsController } from './sealed-objects.controller.js';

/** Configs are shown as they are. */
@Controller('configs')
export class ConfigsController extends SealedObjectsController {
  protected readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore, @Inject(KEY) key: ClusterKey) {
    super();
    this.objects = new SealedObjects('config', store, key, true);
  }
}
