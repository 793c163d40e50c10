import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { conflict, syncFolder } from '#lib/common';
import { RESTORE_MARKER, RESTORED } from '#lib/contracts';

const markerOf = (dataRoot: string) => join(dataRoot, RESTORE_MARKER);

export const isUnfinished = (dataRoot: string): boolean => existsSync(markerOf(dataRoot));

/** Half of a node's state would be taken for a node without its secrets, or without its swarm. */
export function refuseUnfinished(dataRoot: string): void {
  if (!isUnfinished(dataRoot)) return;
  throw conflict(
    `${dataRoot}: a restore was interrupted here (${RESTORE_MARKER}), so this is no whole state of a node: run ` +
      `"skep restore FILE --data-root ${dataRoot}" again, and start the daemon then`,
  );
}

/** The marker is on the disk before anything else is changed. */
export async function begin(dataRoot: string): Promise<void> {
  const handle = await open(markerOf(dataRoot), 'w', 0o600);
  await handle.sync().finally(() => handle.close());
  await syncFolder(dataRoot);
}

/** All else is on the disk. The node's first start looks for what another one may have left (`RESTORED`). */
export async function finish(dataRoot: string): Promise<void> {
  await syncFolder(dataRoot);
  await rename(markerOf(dataRoot), join(dataRoot, RESTORED));
  await syncFolder(dataRoot);
}
