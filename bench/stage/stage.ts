import { join } from 'node:path';
import { type Namespace, Segment } from '../../test/e2e/harness/namespaces.js';
import { TestNode } from '../../test/e2e/harness/node.js';
import { BareEngine } from './bare-engine.js';
import { DockerEngine } from './docker-engine.js';

/** Who is measured: a skep node and the peers, on machines that differ in nothing but that. */
export class Stage {
  readonly bare: BareEngine;

  private constructor(
    private readonly segment: Segment,
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
    let node: TestNode | undefined;
    try {
      node = await TestNode.create(await segment.attach());
      return new Stage(segment, node, await DockerEngine.create(await segment.attach()));
    } catch (error) {
      await node?.remove();
      await segment.remove();
      throw error;
    }
  }

  /** Goes on after an error, and throws the first. */
  async remove(): Promise<void> {
    const outcomes = await Promise.allSettled([this.node.remove(), this.docker.remove()]);
    await this.segment.remove();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
