import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { invalid, notFound } from '#lib/common';
import { raiseLoopback } from '../netlink/socket.js';
import { checked, CLONE_NEWNET, lastError, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, sys } from './libc.js';

const DIRECTORY = '/run/netns';
/** The calling thread's namespace; /proc/self would be the main thread's. */
const HERE = '/proc/thread-self/ns/net';
/** f_type of the file system that mounted namespaces are files of: include/uapi/linux/magic.h, NSFS_MAGIC. */
const NSFS_MAGIC = 0x6e736673;

/** The file that a namespace is mounted on; its inode is the namespace's. */
export function netnsFile(name: string): string {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw invalid(`network namespace ${JSON.stringify(name)}: only letters, digits, ".", "_" and "-" are accepted`);
  }
  return `${DIRECTORY}/${name}`;
}

/**
 * Moves the calling thread elsewhere for the length of one synchronous call. Nothing that Node defers (its own listen and
 * bind, asynchronous file access) happens in the other namespace. A thread that could not return would do everything
 * after in the wrong place, so the process is aborted then.
 */
function away<T>(leave: () => void, work: () => T): T {
  const home = openSync(HERE, 'r');
  try {
    leave();
    try {
      return work();
    } finally {
      if (sys.setns(home, CLONE_NEWNET) !== 0) process.abort();
    }
  } finally {
    closeSync(home);
  }
}

/** Runs `work`, which must be synchronous, in the namespace below /run/netns; without a name, where the thread is. */
export function inNetns<T>(name: string | undefined, work: () => T): T {
  if (name === undefined) return work();
  const path = netnsFile(name);
  return away(() => enter(path), work);
}

/** A descriptor of the namespace, for the caller to close. */
export function openNetns(name: string): number {
  return open(netnsFile(name));
}

function open(path: string): number {
  // Opening an absent file gives ENOENT; a stale one, left by a reboot or a crash, is no namespace.
  if (!isMounted(path)) throw notFound(`${path} is no network namespace`);
  return openSync(path, 'r');
}

function enter(path: string): void {
  const target = open(path);
  try {
    checked(sys.setns(target, CLONE_NEWNET), `enter ${path}`);
  } finally {
    closeSync(target);
  }
}

/** Leaves the calling thread in a fresh namespace with its loopback up; the result takes it back. For tests and probes. */
export function enterNewNetns(): () => void {
  const home = openSync(HERE, 'r');
  checked(sys.unshare(CLONE_NEWNET), 'make a network namespace');
  raiseLoopback();
  return () => {
    if (sys.setns(home, CLONE_NEWNET) !== 0) process.abort();
    closeSync(home);
  };
}

export function createNetns(name: string): void {
  const path = netnsFile(name);
  if (isMounted(path)) return;
  prepareDirectory();
  writeFileSync(path, '', { mode: 0o444 });
  try {
    away(
      () => checked(sys.unshare(CLONE_NEWNET), 'make a network namespace'),
      () => {
        raiseLoopback();
        checked(sys.mount(HERE, path, 'none', MS_BIND, null), `mount ${path}`);
      },
    );
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

export function removeNetns(name: string): void {
  const path = netnsFile(name);
  // Mounted twice when two programs raced to make it.
  while (isMounted(path)) checked(sys.umount2(path, MNT_DETACH), `unmount ${path}`);
  if (existsSync(path)) unlinkSync(path);
}

export function listNetns(prefix: string): string[] {
  if (!existsSync(DIRECTORY)) return [];
  const names = readdirSync(DIRECTORY).filter((name) => name.startsWith(prefix));
  return names
    .filter((name) => {
      if (isMounted(`${DIRECTORY}/${name}`)) return true;
      removeNetns(name);
      return false;
    })
    .sort();
}

function isMounted(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The directory is a shared mount, as iproute2 makes it: an unmount then reaches every mount namespace made since. */
function prepareDirectory(): void {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o755 });
  if (sys.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC, null) === 0) return;
  if (lastError() === 'EINVAL') {
    checked(sys.mount(DIRECTORY, DIRECTORY, 'none', MS_BIND | MS_REC, null), `mount ${DIRECTORY}`);
  }
  checked(sys.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC, null), `share ${DIRECTORY}`);
}
