import { readdir, readFile, readlink } from 'node:fs/promises';
import { waitFor } from '#lib/common';

export interface FoundProcess {
  pid: number;
  command: string;
}

/**
 * Every process that belongs to a node with its data and exec roots below `folder`: it names the folder in its command
 * line or its environment, or it lives in a container whose root file system lies there.
 */
export async function processesOf(folder: string): Promise<FoundProcess[]> {
  const ownMounts = await readlink('/proc/self/ns/mnt');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids
      .filter((pid) => pid !== process.pid)
      .map(async (pid) => {
        try {
          const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
          const named = command.includes(folder) || (await readFile(`/proc/${pid}/environ`, 'latin1')).includes(folder);
          const contained = async () =>
            (await readlink(`/proc/${pid}/ns/mnt`)) !== ownMounts && (await rootOf(pid)).includes(folder);
          return named || (await contained()) ? { pid, command } : undefined;
        } catch {
          return undefined; // it has ended meanwhile
        }
      }),
  );
  return found.filter((one) => one !== undefined).sort((a, b) => a.pid - b.pid);
}

/** The line of /proc/PID/mountinfo for `/`; an overlay's has the folders that it is made of. */
async function rootOf(pid: number): Promise<string> {
  const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8');
  return mounts.split('\n').find((line) => line.split(' ')[4] === '/') ?? '';
}

/** Kills what belongs to the folder, and nothing else, until nothing is left. */
export async function killProcessesOf(folder: string): Promise<void> {
  await waitFor(
    async () => {
      const left = await processesOf(folder);
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has ended meanwhile
        }
      }
      return left.length === 0;
    },
    { ms: 10_000, every: 50, what: `processes of ${folder} end` },
  );
}
