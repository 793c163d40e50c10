import { Controller, Inject } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';
import { SealedObjectsController } from './sealed-objects.controller.js';

/** Secrets are never shown. */
@Controller('secrets')
export class SecretsController extends SealedObjectsController {
  protected readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore, @Inject(KEY) key: ClusterKey) {
    super();
    this.objects = new SealedObjects('secret', store, key, false);
  }
}
