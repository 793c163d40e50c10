import { expect, it } from 'vitest';
import { freshStatus, type Container } from '#lib/domain';
import type { Store } from '#lib/store';
import type { ContainerDirectory } from './container-directory.js';
import { ContainerWaits, type WaitCondition } from './container-waits.js';

/** A running container, and who listens to the store. */
function begin() {
  const listeners = new Set<unknown>();
  const container = { id: 'c', target: 'running' } as Container;
  const known = { container, status: freshStatus(container), seen: { state: 'running' } };
  const feed = (listener: unknown) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const directory = { know: () => known } as unknown as ContainerDirectory;
  return { waits: new ContainerWaits({ feed } as unknown as Store, directory), listeners };
}

it.each<WaitCondition>(['not-running', 'next-exit', 'removed'])(
  '%s: waits for nobody who is gone',
  async (condition) => {
    const { waits, listeners } = begin();
    const gone = new AbortController();
    const waiting = waits.begin('c', condition, gone.signal);
    expect(listeners.size).toBe(1);
    gone.abort();
    expect(await waiting).toBeUndefined();
    expect(await waits.begin('c', condition, gone.signal)).toBeUndefined();
    expect(listeners.size).toBe(0);
  },
);
