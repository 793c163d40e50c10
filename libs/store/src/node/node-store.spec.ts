import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Network, Volume } from '#lib/domain';
import { openNodeStore, type Change, type Committed, type Store } from './node-store.js';

const network = (id: string, name: string, target: Network['target'] = 'present'): Network => ({
  id,
  name,
  driver: 'nat',
  pools: [{ subnet: '172.31.240.0/20', gateway: '172.31.240.1' }],
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  linkName: `sk${id}`,
  createdAt: '2026-01-01T00:00:00.000Z',
  target,
});
const volume = (name: string): Volume => ({
  name,
  driver: 'local',
  options: {},
  labels: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  target: 'present',
});
const put = (value: Network, expected?: number): Change => ({ op: 'put', kind: 'network', value, expect: expected });
const putVolume = (name: string): Change => ({ op: 'put', kind: 'volume', value: volume(name) });

describe('NodeStore', () => {
  let folder: string;
  let store: Store;
  const path = () => join(folder, 'node.db');
  const reopen = async () => {
    await store.close();
    store = await openNodeStore(path());
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skep-store-'));
    store = await openNodeStore(path());
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('reads back what was committed, after a restart as well', async () => {
    await store.commit([put(network('a', 'front')), putVolume('data')]);
    const { ownerId, revision } = store;
    await reopen();
    expect(store.get('network', 'a')).toEqual({ version: 1, value: network('a', 'front') });
    expect(store.list('volume')).toEqual([volume('data')]);
    expect(store.ownerId).toBe(ownerId);
    expect(ownerId).toMatch(/^[0-9a-f]{64}$/);
    expect(store.revision).toBe(revision);
  });

  it('keeps in memory exactly what the disk will give back', async () => {
    await store.commit([{ op: 'put', kind: 'volume', value: { ...volume('v'), project: undefined } }]);
    expect(store.get('volume', 'v')!.value).not.toHaveProperty('project');
  });

  it('hands out values that cannot be changed, and keeps none that the caller still holds', async () => {
    const mine = network('a', 'front');
    await store.commit([put(mine)]);
    mine.labels.changed = 'yes';
    const stored = store.get('network', 'a')!.value;
    expect(stored.labels).toEqual({});
    expect(() => (stored.pools[0]!.gateway = 'x')).toThrow(TypeError);
    expect(store.list('network')).toBe(store.list('network'));
  });

  it('grows a version with every write, and refuses an expectation that does not hold', async () => {
    await store.commit([put(network('a', 'front'), 0)]);
    await store.commit([put(network('a', 'front'), 1)]);
    expect(store.get('network', 'a')!.version).toBe(2);
    await expect(store.commit([put(network('a', 'front'), 1)])).rejects.toMatchObject({
      code: 'conflict',
      message: 'network a has version 2, expected that it has version 1: it changed meanwhile',
    });
    await expect(store.commit([{ op: 'delete', kind: 'network', id: 'b', expect: 3 }])).rejects.toMatchObject({
      message: 'network b does not exist, expected that it has version 3: it changed meanwhile',
    });
  });

  it('changes nothing when one change of a batch fails', async () => {
    await store.commit([put(network('a', 'front'))]);
    const before = store.revision;
    await expect(store.commit([putVolume('v'), put(network('b', 'front'))])).rejects.toMatchObject({
      code: 'conflict',
      message: 'a network with the name front exists already',
    });
    expect(store.list('volume')).toEqual([]);
    expect(store.revision).toBe(before);
    await reopen();
    expect(store.list('volume')).toEqual([]);
    expect(store.list('network').map((one) => one.id)).toEqual(['a']);
  });

  it('frees the name of what is being removed', async () => {
    await store.commit([put(network('a', 'front', 'removed'))]);
    await store.commit([put(network('b', 'front'))]);
    expect(store.list('network')).toHaveLength(2);
  });

  it('sees earlier changes of a batch in later ones', async () => {
    await store.commit([
      put(network('a', 'front'), 0),
      put(network('a', 'back'), 1),
      { op: 'delete', kind: 'network', id: 'a', expect: 2 },
    ]);
    expect(store.get('network', 'a')).toBeUndefined();
  });

  it('keeps batches apart that share a transaction', async () => {
    const outcomes = await Promise.allSettled([
      store.commit([putVolume('one')]),
      store.commit([put(network('a', 'same'))]),
      store.commit([putVolume('lost'), put(network('b', 'same'))]),
      store.transact(() => {
        throw new Error('changed my mind');
      }),
      store.commit([putVolume('two')]),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    await reopen();
    expect(store.list('volume').map((one) => one.name)).toEqual(['one', 'two']);
  });

  it('lets nobody in between reading and writing', async () => {
    const next = () =>
      store.transact((view) => {
        const name = `v${view.list('volume').length}`;
        return { changes: [putVolume(name)], result: name };
      });
    const names = await Promise.all(Array.from({ length: 50 }, next));
    expect(new Set(names).size).toBe(50);
    expect(store.list('volume')).toHaveLength(50);
  });

  it('tells every listener of every commit, in order, with the state of that moment', async () => {
    const warnings: unknown[] = [];
    const warned = (warning: Error) => warnings.push(warning.message);
    process.on('warning', warned);
    const seen: [number, number][] = [];
    store.feed(() => {
      throw new Error('a bad listener');
    });
    const stop = store.feed((committed: Committed) => seen.push([committed.revision, store.list('volume').length]));
    await Promise.all(['a', 'b', 'c'].map((name) => store.commit([putVolume(name)])));
    await store.transact(() => ({ changes: [], result: 'only looked' }));
    stop();
    await store.commit([putVolume('d')]);
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    await expect.poll(() => warnings).toEqual(Array.from({ length: 4 }, () => 'a bad listener'));
    process.off('warning', warned);
  });

  it('finishes what was asked before it closes, and takes nothing after', async () => {
    const last = store.commit([putVolume('last')]);
    const closed = store.close();
    await expect(store.commit([putVolume('late')])).rejects.toMatchObject({ code: 'unavailable' });
    await last;
    await closed;
    store = await openNodeStore(path());
    expect(store.list('volume').map((one) => one.name)).toEqual(['last']);
  });
});
