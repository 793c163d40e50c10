import { join } from 'node:path';
import { type Namespace, Segment } from '../../test/e2e/harness/namespaces.js';
import { TestNode } from '../../test/e2e/harness/node.js';
import { BareEngine } from './bare-engine.js';
import { Disk } from './disk.js';
import { DockerEngine } from './docker-engine.js';

/** Who is measured: a skep node and the peers, on machines that differ in nothing but that. */
export class Stage {
  readonly bare: BareEngine;

  private constructor(
    private readonly segment: Segment,
    private readonly disks: readonly Disk[],
    readonly node: TestNode,
    readonly docker: DockerEngine,
  ) {
    this.bare = new BareEngine(join(node.folder, 'exec/engine/podman.sock'));
  }

  /** A machine on their segment that is neither of them. */
  get outside(): Namespace {
    return this.segment.outside;
  }

  static async create(): Promise<Stage> {
    const segment = await Segment.create();
    const disks: Disk[] = [];
    let node: TestNode | undefined;
    const disk = async () => {
      const made = await Disk.create();
      disks.push(made);
      return made.path;
    };
    try {
      node = await TestNode.create(await segment.attach(), { parent: await disk() });
      return new Stage(segment, disks, node, await DockerEngine.create(await segment.attach(), await disk()));
    } catch (error) {
      await node?.remove();
      await segment.remove();
      for (const each of disks) await each.remove();
      throw error;
    }
  }

  /** Goes on after an error, and throws the first. */
  async remove(): Promise<void> {
    const outcomes = await Promise.allSettled([this.node.remove(), this.docker.remove()]);
    await this.segment.remove();
    outcomes.push(...(await Promise.allSettled(this.disks.map((disk) => disk.remove()))));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
