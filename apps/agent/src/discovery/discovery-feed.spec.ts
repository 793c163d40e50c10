import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unavailable, waitFor } from '#lib/common';
import type { ResolverClient } from '#lib/contracts';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import type { Node } from '../node/tokens.js';
import type { World } from '../world/world.js';
import { DiscoveryFeed } from './discovery-feed.js';

/** Lets all go on that may: an exchange takes its turn of the event loop. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('what the resolver is told', () => {
  let feed: DiscoveryFeed;
  let served: Set<string>;
  let said: { full: boolean; added: string[]; removed: string[] }[];
  let looks: number;
  let away: boolean;
  /** while set, an answer to what it serves is late */
  let late: Promise<void> | undefined;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    [served, said, looks, away, late] = [new Set(), [], 0, false, undefined];
    const resolver: Partial<ResolverClient> = {
      apply: async ({ full = false, sandboxes = [], removedSandboxes = [] }) => {
        if (away) throw unavailable('nobody is there');
        const added = sandboxes.map(({ id }) => id ?? '');
        said.push({ full, added, removed: removedSandboxes });
        for (const id of added) served.add(id);
        for (const id of removedSandboxes) served.delete(id);
        return { errors: [] };
      },
      getState: async () => {
        looks += 1;
        if (away) throw unavailable('nobody is there');
        const state = { sandboxes: [...served], zones: [] };
        await late;
        return state;
      },
      close: () => undefined,
    };
    const dns = { servers: [], search: [], options: [], extraHosts: [] };
    const containers = ['a', 'b'].map((id) => ({ id, name: id, networkMode: 'bridged', endpoints: [], dns, spec: {} }));
    const store = {
      list: (kind: string) => (kind === 'container' ? containers : []),
      get: () => undefined,
      feed: () => () => undefined,
    };
    const names = {
      netnsPrefix: 'skep-',
      netns: (id: string) => `skep-${id}`,
      netnsPath: (id: string) => `/run/${id}`,
    };
    const node = { names, config: { dns: [], dnsSearch: [], dnsOptions: [] } };
    const host = { listNetns: () => [], onLinkChange: () => () => undefined };
    const world = { all: () => new Map(), onContainer: () => () => undefined };
    feed = new DiscoveryFeed(
      node as unknown as Node,
      store as unknown as Store,
      host as unknown as Host,
      resolver as ResolverClient,
      world as unknown as World,
    );
    feed.start(() => undefined);
    await feed.attach('a');
    expect(said).toEqual([{ full: true, added: ['a'], removed: [] }]);
  });
  const heard = (times: number) =>
    waitFor(() => said.length === times, { ms: 5_000, what: `the resolver hears something ${times} times` });
  afterEach(() => {
    feed.stop();
    vi.useRealTimers();
  });

  it('is a difference also where an answer to what it serves is late', async () => {
    let answer = () => undefined as void;
    late = new Promise((resolve) => (answer = resolve));
    vi.advanceTimersByTime(1_000);
    const attached = feed.attach('b');
    await turns();
    answer();
    await attached;
    await turns();
    expect(said.slice(1)).toEqual([{ full: false, added: ['b'], removed: [] }]);
  });

  it('is asked after once at a time, however late it answers', async () => {
    let answer = () => undefined as void;
    late = new Promise((resolve) => (answer = resolve));
    for (let second = 0; second < 5; second++) {
      vi.advanceTimersByTime(1_000);
      await turns();
    }
    expect(looks).toBe(1);
    answer();
    await turns();
    vi.advanceTimersByTime(1_000);
    await turns();
    expect([looks, said.length]).toEqual([2, 1]);
  });

  it('is everything again when it has forgotten something, and when it was away', async () => {
    served.clear();
    vi.advanceTimersByTime(1_000);
    await heard(2);
    expect(said.slice(1)).toEqual([{ full: true, added: ['a'], removed: [] }]);
    away = true;
    vi.advanceTimersByTime(1_000);
    await turns();
    await expect(feed.flush()).rejects.toMatchObject({ code: 'unavailable' });
    away = false;
    vi.advanceTimersByTime(1_000);
    await heard(3);
    expect(said.slice(2)).toEqual([{ full: true, added: ['a'], removed: [] }]);
  });
});
