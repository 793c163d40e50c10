import { closeSync, openSync } from 'node:fs';
import { SkepError, messageOf } from '#lib/common';
import { CLONE_NEWNET, checked, libc } from './libc.js';

/**
 * Runs `body` with this thread inside the network namespace at `path`. `body` must be synchronous: whatever Node puts
 * off would happen in the thread's own namespace. When the thread can't come back, the process ends, because
 * everything that it would open from then on would belong to a container.
 */
export function inNetns<T>(path: string, body: () => T): T {
  // `self` would be the main thread's; a namespace is a thread's own affair.
  const own = openSync('/proc/thread-self/ns/net', 'r');
  try {
    const target = openNetns(path);
    try {
      checked(libc.setns(target, CLONE_NEWNET), `entering the network namespace ${path}`);
    } finally {
      closeSync(target);
    }
    try {
      return body();
    } finally {
      if (libc.setns(own, CLONE_NEWNET) !== 0) process.abort();
    }
  } finally {
    closeSync(own);
  }
}

function openNetns(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new SkepError('not_found', `no network namespace at ${path}: ${messageOf(error)}`, { cause: error });
  }
}
