import { Controller, Inject } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';
import { SealedObjectsController } from './sealed-objects.controller.js';

/** Configs are kept and shown as they are. */
@Controller('configs')
export class ConfigsController extends SealedObjectsController {
  protected readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore) {
    super();
    this.objects = new SealedObjects('config', store, { keep: (data) => data, open: (kept) => kept }, true);
  }
}
