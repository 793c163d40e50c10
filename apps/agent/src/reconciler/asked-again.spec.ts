import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Change } from '#lib/store';
import { TestAgent } from '../testing/test-agent.js';
import { ReconcilerBus } from './events.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const volume = {
  name: 'shop_data',
  driver: 'local',
  options: {},
  labels: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  target: 'present',
} as const;

const links = () => agent.host.links().map(({ name }) => name);

it('what is asked for again while it is being removed is there afterwards', async () => {
  const { store } = agent;
  await store.commit([{ op: 'put', kind: 'volume', value: volume }]);
  const network = store.list('network').find(({ name }) => name === 'nat')!;
  await waitFor(() => links().includes(network.linkName), { ms: 5_000, what: 'the network is there' });
  const again: Record<string, Change> = {
    'network.remove': { op: 'put', kind: 'network', value: network },
    'volume.remove': { op: 'put', kind: 'volume', value: volume },
  };
  const done = new Set<string>();
  agent.application.app.get(ReconcilerBus).subscribe({
    started: ({ kind }) => again[kind] && void store.commit([again[kind]]),
    done: ({ kind }) => done.add(kind),
  });
  await store.commit([
    { op: 'put', kind: 'network', value: { ...network, target: 'removed' } },
    { op: 'put', kind: 'volume', value: { ...volume, target: 'removed' } },
  ]);
  const removed = () => Object.keys(again).every((kind) => done.has(kind));
  await waitFor(removed, { ms: 5_000, what: 'both were removed' });
  await waitFor(() => done.has('network.ensure') && done.has('volume.create'), {
    ms: 5_000,
    what: 'both are made anew',
  });
  expect(store.get('network', network.id)?.value).toEqual(network);
  expect(store.get('volume', volume.name)?.value).toEqual(volume);
  expect(links()).toContain(network.linkName);
});
