import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClusterNode } from '#lib/domain';
import type { ClusterStore } from '#lib/store';
import { Liveness } from './liveness.js';

let node: ClusterNode;
let liveness: Liveness;
let full: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  full = false;
  node = { id: 'a', status: { state: 'ready', addr: '' } } as ClusterNode;
  const view = { get: () => ({ value: node }), list: () => [node] };
  const transact = async (decide: (from: typeof view) => { changes: { value: ClusterNode }[] }) => {
    if (full) throw new Error('the disk is full');
    for (const { value } of decide(view).changes) node = value;
  };
  liveness = new Liveness({ ...view, transact } as unknown as ClusterStore);
  liveness.start(1_000);
});
afterEach(() => {
  liveness.onModuleDestroy();
  vi.useRealTimers();
});

const after = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  return node.status.state;
};

it('gives a node the time of the heartbeat that it was told of last', async () => {
  expect(await after(2_900)).toBe('ready');
  liveness.paced('a', 10_000);
  expect(await after(29_000)).toBe('ready');
  expect(await after(2_000)).toBe('down');
});

it('takes a node that is down for ready by its own word only', async () => {
  expect(await after(3_100)).toBe('down');
  liveness.paced('a', 10_000);
  expect(await after(100)).toBe('down');
  liveness.heard('a', 10_000);
  expect(await after(100)).toBe('ready');
});

describe('while nothing can be committed', () => {
  beforeEach(() => {
    full = true;
  });

  it('does not forget that a node has fallen silent', async () => {
    expect(await after(5_000)).toBe('ready');
    full = false;
    expect(await after(1_000)).toBe('down');
    expect(node.status.message).toBe('heartbeat failure');
  });

  it('does not forget that a node has left, whatever pace others are told of', async () => {
    await liveness.left('a');
    liveness.paced('a', 10_000);
    expect(await after(5_000)).toBe('ready');
    full = false;
    expect(await after(1_000)).toBe('down');
    expect(node.status.message).toBe('left the swarm');
  });

  it('takes no node for down that has been heard of since', async () => {
    await after(3_500);
    liveness.heard('a', 10_000);
    full = false;
    expect(await after(5_000)).toBe('ready');
  });

  it('takes no node for down that is heard of while the mark is being refused', async () => {
    const refused = liveness.left('a');
    liveness.heard('a', 10_000);
    await refused;
    full = false;
    expect(await after(5_000)).toBe('ready');
  });
});
