import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { conflict, isAlive, waitFor } from '#lib/common';

const LOCK_EX = 2;
const LOCK_NB = 4;
/** what a dead daemon's processes may take to end before its lock counts as stuck */
const TAKEOVER_MS = 15_000;

/** An flock(2) on `daemon.lock` of a directory; every process that inherits `fd` holds it as well. */
export interface Lock {
  fd: number;
  release(): void;
}

/**
 * Takes the lock of a directory. It is held until this process and all that inherit `fd` have ended, however they end.
 * When a living daemon holds it: `conflict`. When only the processes of a daemon that was killed hold it, they are
 * about to end, and this waits for them.
 */
export async function takeLock(directory: string, what: string): Promise<Lock> {
  const path = join(directory, 'daemon.lock');
  const fd = openSync(path, 'a+', 0o600);
  try {
    if (!tryLock(fd)) {
      const holder = Number.parseInt(readFileSync(path, 'utf8'), 10);
      if (isAlive(holder)) throw conflict(`the ${what} ${directory} is in use by another skep daemon (pid ${holder})`);
      await waitFor(() => tryLock(fd), {
        ms: TAKEOVER_MS,
        what: `waiting for the processes of a daemon that was killed (pid ${holder}) to leave the ${what} ${directory}`,
      });
    }
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
    return { fd, release: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

let flock: ((fd: number, operation: number) => number) | undefined;

function tryLock(fd: number): boolean {
  // Node has no flock; a lock file with a pid would outlive a crash, and an abstract socket belongs to one network namespace.
  flock ??= koffi.load(null).func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
  return flock(fd, LOCK_EX | LOCK_NB) === 0;
}
