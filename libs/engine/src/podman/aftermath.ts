import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from '#lib/common';

const EVERY_MS = 10;
const AT_MOST_MS = 3_000;

/**
 * Resolves when no process of a container that does not run is left. A monitor (conmon) whose runtime refused to make it
 * ready runs `podman container cleanup` when it ends, after Podman has answered: that would undo the next try.
 */
export async function untilNoProcessOf(engineId: string): Promise<void> {
  const deadline = systemClock.now() + AT_MOST_MS;
  while (systemClock.now() < deadline && (await hasProcess(engineId))) await systemClock.sleep(EVERY_MS);
}

async function hasProcess(engineId: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (command) => command.includes(engineId),
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
