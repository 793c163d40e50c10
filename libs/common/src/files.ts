import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a file is replaced. */
export interface Replacing {
  /** of the file, if there is none yet */
  mode: number;
  /** it is on the disk when this is done, and outlasts a power loss; else it is whole or as before for as long as the machine runs */
  durable: boolean;
}

const draftOf = (path: string) => `${path}.new`;

/**
 * Whoever reads the file has the content before or this one, and no half of it. Of two at once for one path, the caller
 * lets one wait.
 *
 * @throws what the file system says; the file is as it was then
 */
export async function replaceFile(path: string, content: string | Buffer, how: Replacing): Promise<void> {
  const draft = draftOf(path);
  try {
    const handle = await open(draft, 'w', how.mode);
    try {
      await handle.writeFile(content);
      if (how.durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  if (how.durable) await syncFolder(dirname(path));
}

/** The same, for those that go on only when it is done. */
export function replaceFileSync(path: string, content: string | Buffer, how: Replacing): void {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'w', how.mode);
    try {
      writeFileSync(file, content);
      if (how.durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  if (how.durable) syncFolderSync(dirname(path));
}

/** What is in the folder by such names goes, with all that is in it; there may be no such folder. */
export async function removeNamed(folder: string, prefix: string): Promise<void> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The names in a folder, as they are now, outlast a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

export function syncFolderSync(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
