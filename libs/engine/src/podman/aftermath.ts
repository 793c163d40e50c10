import { readdir, readFile } from 'node:fs/promises';
import { isAlive, steadyClock } from '#lib/common';

const EVERY_MS = 10;
const AT_MOST_MS = 3_000;

/** What the monitor of a command in a container is told, and nobody else. */
const OF_A_COMMAND = ['-e', '--exec'];

/**
 * Process ids of the monitors (conmon) of a container's runs. When a run has ended, or the runtime refused to make one
 * ready, its monitor runs `podman container cleanup`, and Podman has answered by then. That would take away a process that
 * was made ready meanwhile for the next run.
 */
export async function monitorsOf(engineId: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => isMonitor(await commandOf(pid), engineId)));
  return pids.filter((_, index) => found[index]).map(Number);
}

/** Resolves when none of these processes is there, at the latest after three seconds. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = steadyClock.now() + AT_MOST_MS;
  while (steadyClock.now() < deadline && pids.some(isAlive)) await steadyClock.sleep(EVERY_MS);
}

function isMonitor(command: readonly string[], engineId: string): boolean {
  return command.includes(engineId) && !command.some((arg) => OF_A_COMMAND.includes(arg));
}

/** Its arguments; none: it is gone. */
function commandOf(pid: string): Promise<string[]> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (text) => text.split('\0'),
    () => [],
  );
}
