import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { newClusterId } from '#lib/common';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';

/** Where the manager keeps its database, for files beside it. */
export const FOLDER = Symbol('swarm folder');

/** For this node's agent, which makes the backup. */
@Controller('skep/v1/copy')
export class CopyController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(FOLDER) private readonly folder: string,
  ) {}

  /** The cluster's state of this moment as a file, which is the caller's to remove. */
  @Post()
  @HttpCode(201)
  async copy(): Promise<{ path: string }> {
    const path = `${this.folder}/.copy-${newClusterId()}.db`;
    await this.store.copyTo(path);
    return { path };
  }
}
