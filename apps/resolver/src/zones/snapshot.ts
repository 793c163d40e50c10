import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '#lib/common';
import type { Changes } from '#lib/contracts';

const VERSION = 1;

/**
 * The resolver's knowledge in a file, so that it answers again before the agent has found it. The file is replaced as
 * a whole; it is not synced, because after a power failure there are no containers either.
 */
export class Snapshot {
  #writing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  /** Undefined when there is none. @throws what reading or parsing it throws */
  load(): Changes | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const { version, knowledge } = JSON.parse(text) as { version: number; knowledge: Changes };
    if (version !== VERSION) throw new Error(`${this.path} has version ${version}; this resolver reads ${VERSION}`);
    // Files of releases that did not tell the daemon's servers from the container's.
    for (const sandbox of knowledge.sandboxes) sandbox.defaultUpstreams ??= [];
    return knowledge;
  }

  /** Resolves when the file holds what `knowledge` gives, or something newer: what waits is written at once. */
  save(knowledge: () => Changes): Promise<void> {
    this.#waiting ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#waiting = undefined;
        return (this.#writing = this.#write(JSON.stringify({ version: VERSION, knowledge: knowledge() })));
      });
    return this.#waiting;
  }

  async #write(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    await replaceFile(this.path, text, { mode: 0o600, durable: false });
  }
}
