import { readFileSync } from 'node:fs';

/** Does the process run? One that has ended but is not yet reaped (a zombie) does not: proc(5), the third field of stat. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZXx]$/.test(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
}
