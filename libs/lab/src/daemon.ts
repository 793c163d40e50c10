import { type ChildProcess, spawn } from 'node:child_process';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Namespace } from './machines.js';
import { run } from './process.js';
import { killProcessesOf } from './processes.js';

/**
 * Starts `skep daemon` on a machine, in a process group of its own: whoever started it may end, or get a Ctrl-C.
 * @param program path of bin/skep
 * @param flags of the daemon
 * @param logFile what it says is appended
 */
export async function spawnDaemon(
  machine: Namespace,
  { program, flags, logFile }: { program: string; flags: readonly string[]; logFile: string },
): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    return spawn('nsenter', [...machine.entry, program, 'daemon', ...flags], {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
  } finally {
    await log.close();
  }
}

/**
 * Removes what a node leaves on the machine when its daemon has ended: whatever runs in its containers, what is mounted
 * below its folders, what the OCI runtime knows of its containers, and its sandboxes.
 * @param folders its data and exec roots lie below them; processes are found by the first
 * @param netnsPrefix how names of its sandboxes below /run/netns begin; absent when it never had any
 */
export async function removeTraces(folders: readonly [string, ...string[]], netnsPrefix?: string): Promise<void> {
  await killProcessesOf(folders[0]);
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
  const ours = (path: string) => folders.some((folder) => path === folder || path.startsWith(join(folder, '/')));
  for (const target of mounts.filter(ours).reverse()) await run('umount', ['--lazy', target]);
  await forgetContainersOf(folders);
  if (netnsPrefix === undefined) return;
  const sandboxes = (await readdir('/run/netns')).filter((name) => name.startsWith(netnsPrefix));
  for (const name of sandboxes) await run('ip', ['netns', 'delete', name]);
}

interface RuntimeState {
  /** of crun */
  rootfs?: string;
  /** of runc */
  config?: { rootfs?: string };
}

/** Where OCI runtimes keep what they know of each container, in a folder by its id, and the file that says where it lies. */
const RUNTIME_STATES = { '/run/runc': 'state.json', '/run/crun': 'status' } as const;

/** Of containers whose files lie below the folders and whose processes are gone. */
export async function forgetContainersOf(folders: readonly string[]): Promise<void> {
  for (const [root, file] of Object.entries(RUNTIME_STATES)) {
    for (const id of await readdir(root).catch(() => [])) {
      const rootfs = await rootfsIn(join(root, id, file));
      const ours = folders.some((folder) => rootfs?.startsWith(join(folder, '/')));
      if (ours) await rm(join(root, id), { recursive: true, force: true });
    }
  }
}

/** Undefined: there is no such file any more, or it is just being written. */
async function rootfsIn(path: string): Promise<string | undefined> {
  try {
    const { rootfs, config } = JSON.parse(await readFile(path, 'utf8')) as RuntimeState;
    return rootfs ?? config?.rootfs;
  } catch {
    return undefined;
  }
}
