import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Containers that are removed when they have ended, as files by their ids: `bin/skep-conmon` looks for them. Where a file
 * cannot be written the end of a container takes longer, and that is all, so nothing here fails.
 * @param folder undefined: no monitor of this machine looks
 */
export class Leaving {
  constructor(private readonly folder: string | undefined) {}

  note(engineId: string): void {
    this.passingOver((folder) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, engineId), '');
    });
  }

  forget(engineId: string): void {
    this.passingOver((folder) => rmSync(join(folder, engineId), { force: true }));
  }

  private passingOver(work: (folder: string) => void): void {
    try {
      if (this.folder !== undefined) work(this.folder);
    } catch {
      // as said above
    }
  }
}
