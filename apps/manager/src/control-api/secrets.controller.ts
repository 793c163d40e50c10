import { Controller, Inject } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';
import { SealedObjectsController } from './sealed-objects.controller.js';

/** Secrets are sealed in the database, and never shown. */
@Controller('secrets')
export class SecretsController extends SealedObjectsController {
  protected readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore, @Inject(KEY) key: ClusterKey) {
    super();
    const keeping = {
      keep: (data: string) => key.seal(Buffer.from(data, 'base64')),
      open: (kept: string) => key.unseal(kept).toString('base64'),
    };
    this.objects = new SealedObjects('secret', store, keeping, false);
  }
}
