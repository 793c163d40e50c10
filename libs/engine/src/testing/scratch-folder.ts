import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { waitFor } from '#lib/common';

/** Processes with this folder, and this word, in their arguments. */
export function processesIn(folder: string, word = ''): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const line = pid > 0 ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
        return line.includes(`${folder}/`) && line.includes(word);
      } catch {
        return false;
      }
    });
}

/** Kills them until none is left. */
export async function endProcessesIn(folder: string): Promise<void> {
  const kill = () => {
    const ours = processesIn(folder);
    for (const pid of ours) signal(pid, 'SIGKILL');
    return ours.length === 0;
  };
  await waitFor(kill, { ms: 5_000, what: `the end of processes of ${folder}` });
}

/** Mounts below the folder, deepest first. */
export function mountsIn(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed();
}

/** As a distribution mounts /run, where exec roots are; there already: nothing happens. */
export function mountRun(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (mountsIn(dirname(folder)).includes(folder)) return;
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nosuid,nodev,noexec,mode=711', 'skep-test-run', folder]);
}

export function unmountIn(folder: string): void {
  for (const path of mountsIn(folder)) execFileSync('umount', [path]);
}

/** Already gone: nothing happens. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
