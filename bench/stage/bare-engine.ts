import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { DockerApiEngine, podmanDialect } from '#lib/engine';

/** As many containers at a time as the agent lets in. */
const AT_A_TIME = 2 * availableParallelism();

/** The container engine with nobody above it. */
export class BareEngine {
  private readonly engine: DockerApiEngine;

  constructor(socketPath: string) {
    this.engine = new DockerApiEngine(socketPath, podmanDialect);
  }

  /** Creates and starts containers, each in an empty network namespace. Returns their ids. */
  async run(count: number, image: string, command: string[]): Promise<string[]> {
    const prefix = `bench-${randomBytes(4).toString('hex')}`;
    const waiting = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
    const ids: string[] = [];
    await atATime(AT_A_TIME, async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) {
        const id = await this.engine.create({
          name,
          spec: { Image: image, Cmd: command },
          labels: {},
          network: { mode: 'none' },
          mounts: [],
        });
        ids.push(id);
        await this.engine.start(id);
      }
    });
    return ids;
  }

  async remove(ids: readonly string[]): Promise<void> {
    const left = [...ids];
    await atATime(AT_A_TIME, async () => {
      for (let id = left.shift(); id; id = left.shift()) await this.engine.remove(id);
    });
  }
}

async function atATime(width: number, worker: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: width }, worker));
}
