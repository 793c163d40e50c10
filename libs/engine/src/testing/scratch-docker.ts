import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { openDocker } from '../docker/open-docker.js';
import type { Engine } from '../engine.js';
import { makeRootfs } from './scratch-rootfs.js';
import { ScratchDockerd } from './scratch-dockerd.js';

const RUNTIME_PATH = join(import.meta.dirname, '../../../../bin/skep-runtime');

/** Docker Engine with skep's runtime and an image, and a network namespace for its containers. Needs root. */
export class ScratchDocker {
  readonly image = 'busybox:test';
  readonly netns = `skep-docker-${process.pid}`;
  readonly network = { netnsPath: `/run/netns/${this.netns}` };
  engine!: Engine;
  private readonly tar: string;

  private constructor(
    readonly folder: string,
    readonly dockerd: ScratchDockerd,
  ) {
    this.tar = makeRootfs(folder);
  }

  static async start(): Promise<ScratchDocker> {
    if (process.getuid?.() !== 0) throw new Error('a real engine needs root');
    const folder = mkdtempSync('/tmp/skdoc-');
    const dockerd = new ScratchDockerd(folder, { flags: ['--add-runtime', `skep=${RUNTIME_PATH}`] });
    const scratch = new ScratchDocker(folder, dockerd);
    execFileSync('ip', ['netns', 'add', scratch.netns]);
    try {
      await dockerd.start();
      scratch.engine = await openDocker(dockerd.socketPath);
      await scratch.engine.importImage(scratch.rootfs(), scratch.image);
      return scratch;
    } catch (error) {
      await scratch.close();
      throw error;
    }
  }

  rootfs(): Readable {
    return createReadStream(this.tar);
  }

  async close(): Promise<void> {
    await this.dockerd.remove();
    execFileSync('ip', ['netns', 'del', this.netns]);
  }
}
