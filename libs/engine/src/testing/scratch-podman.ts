import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { PodmanService } from '../podman/podman-service.js';
import { endProcessesIn, mountsIn, processesIn, unmountIn } from './scratch-folder.js';
import { makeRootfs } from './scratch-rootfs.js';

/** A Podman of its own in a temporary directory, with a network namespace for its containers. Needs root. */
export class ScratchPodman {
  readonly root = mkdtempSync('/tmp/skeng-');
  readonly dataRoot = join(this.root, 'data');
  readonly execRoot = join(this.root, 'exec');
  readonly image = 'busybox:test';
  readonly netns = `skep-engine-${process.pid}`;
  readonly network = { netnsPath: `/run/netns/${this.netns}` };
  private readonly tar: string;

  constructor() {
    if (process.getuid?.() !== 0) throw new Error('a real engine needs root');
    this.tar = makeRootfs(this.root);
    execFileSync('ip', ['netns', 'add', this.netns]);
  }

  rootfs(): Readable {
    return createReadStream(this.tar);
  }

  service(options: { insecureRegistries?: string[]; log?: (message: string) => void } = {}): PodmanService {
    return new PodmanService({ dataRoot: this.dataRoot, execRoot: this.execRoot, ...options });
  }

  async ready(service: PodmanService): Promise<void> {
    await service.start();
    if (!(await service.engine.image(this.image))) await service.engine.importImage(this.rootfs(), this.image);
  }

  /** Removes all containers, the service, and every trace. */
  async close(service: PodmanService): Promise<void> {
    try {
      await service.start();
      const docker = new Docker({ socketPath: service.socketPath });
      for (const { Id } of await docker.listContainers({ all: true })) await service.engine.remove(Id);
    } finally {
      await service.stop();
      // Monitors of execs linger and then start a Podman that would mount again.
      await endProcessesIn(this.root);
      this.unmount();
      execFileSync('ip', ['netns', 'del', this.netns]);
      rmSync(this.root, { recursive: true, force: true });
    }
  }

  /** Monitors, and Podmans that they started. */
  processes(word?: string): number[] {
    return processesIn(this.root, word);
  }

  /** What OCI runtimes know of a container, which a reboot takes. */
  forget(engineId: string): void {
    for (const state of ['/run/runc', '/run/crun']) rmSync(join(state, engineId), { recursive: true, force: true });
  }

  mounts(): string[] {
    return mountsIn(this.root);
  }

  unmount(): void {
    unmountIn(this.root);
  }

  pretendEarlierBoot(): void {
    writeFileSync(join(this.execRoot, 'boot-id'), 'an earlier boot');
  }
}
