import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { forbidden, waitFor } from '#lib/common';
import { processesOf, removeTraces } from '#lib/lab';
import { ClusterPlaces, type Place } from './places.js';

/** Of a daemon that is asked to end. Milliseconds. */
const END = 20_000;

/**
 * Takes everything of the cluster away: processes, mounts, namespaces with their links, and its files unless they are
 * kept. False where there was no cluster.
 */
export async function clusterDown(folder: string, { keepData }: { keepData: boolean }): Promise<boolean> {
  if (process.geteuid?.() !== 0) throw forbidden('the daemons of test hosts are root: run it as root');
  const places = await ClusterPlaces.read(folder);
  if (!places) return false;
  await Promise.all(places.nodes.map(removeNode));
  await places.segment.outside.remove();
  await rm(places.execFolder, { recursive: true, force: true });
  if (!keepData) await rm(folder, { recursive: true, force: true });
  return true;
}

async function removeNode({ name, machine, folder, execRoot, netnsPrefix }: Place): Promise<void> {
  // With the slash node1 is not the beginning of node10.
  const own = join(folder, '/');
  const daemons = async () =>
    (await processesOf(own)).filter(({ command }) => / daemon .*--data-root /.test(`${command} `));
  for (const { pid } of await daemons()) end(pid);
  await waitFor(async () => (await daemons()).length === 0, { ms: END, every: 50, what: `the daemon of ${name} ends` })
    // Whatever is left is killed.
    .catch(() => undefined);
  await removeTraces([own, join(execRoot, '/')], netnsPrefix);
  await machine.remove();
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
