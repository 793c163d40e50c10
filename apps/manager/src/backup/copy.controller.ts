import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, HttpCode, Inject, Post, type OnModuleInit } from '@nestjs/common';
import { newClusterId, removeNamed } from '#lib/common';
import type { ClusterStore } from '#lib/store';
import { FOLDER, STORE } from '../cluster/tokens.js';

const PREFIX = '.copy-';

/** For this node's agent, which makes the backup. */
@Controller('skep/v1/copy')
export class CopyController implements OnModuleInit {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(FOLDER) private readonly folder: string,
  ) {}

  /** Nobody fetches those that an earlier manager made. */
  async onModuleInit(): Promise<void> {
    await removeNamed(this.folder, PREFIX);
  }

  /** The cluster's state of this moment as a file, which is the caller's to remove. */
  @Post()
  @HttpCode(201)
  async copy(): Promise<{ path: string }> {
    const path = join(this.folder, `${PREFIX}${newClusterId()}.db`);
    try {
      await this.store.copyTo(path);
    } catch (error) {
      // On a disk that is full, half a copy.
      await rm(path, { force: true });
      throw error;
    }
    return { path };
  }
}
