import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { RESTORED, SET_ASIDE } from '#lib/contracts';
import { LABELS, NodeNames } from '#lib/domain';
import { openNodeStore } from '#lib/store';
import { TestAgent } from '../testing/test-agent.js';
import { ReplacedNodes } from './replaced-nodes.js';
import { tracesOfOthers } from './traces.js';

let agent: TestAgent;
const marker = () => join(agent.folder, RESTORED);
const clear = () => agent.application.app.get(ReplacedNodes).clear();

/** What a node has made: a bridge, a namespace, a container. */
async function made(nodeId: string): Promise<NodeNames> {
  const names = new NodeNames(nodeId);
  const id = newId();
  await agent.host.ip([['link', 'add', names.bridge(id), 'type', 'bridge']]);
  await agent.host.createNetns(names.netns(id));
  await agent.engine.create({
    name: id,
    spec: { Image: 'demo' },
    labels: { [LABELS.node]: nodeId, [LABELS.container]: id },
    network: { netnsPath: names.netnsPath(id) },
    mounts: [],
  });
  return names;
}
const left = async (names: NodeNames) => [
  ...agent.host.links().flatMap(({ name }) => (name.startsWith(names.linkPrefix) ? ['link'] : [])),
  ...agent.host.listNetns(names.netnsPrefix).map(() => 'namespace'),
  ...(await agent.engine.list(`${LABELS.node}=${names.nodeId}`)).map(() => 'container'),
];
const ALL = ['link', 'namespace', 'container'];

beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

it('a node whose containers are in the data root is taken away after a restore, and only then', async () => {
  const names = await made(newId());
  await clear();
  expect(await left(names)).toEqual(ALL);
  writeFileSync(marker(), '');
  await clear();
  expect(await left(names)).toEqual([]);
  expect(existsSync(marker())).toBe(false);
});

it('so is one of whose containers one cannot be inspected', async () => {
  const names = await made(newId());
  writeFileSync(marker(), '');
  agent.engine.details = () => Promise.reject(new Error('container not known'));
  await clear();
  expect(await left(names)).toEqual([]);
});

it('so is one whose state was set aside, where that can be read; what is nobody’s that was here stays', async () => {
  const folder = join(agent.folder, `${SET_ASIDE}2026`);
  mkdirSync(folder);
  const before = await openNodeStore(join(folder, 'node.db'));
  await before.close();
  const damaged = join(agent.folder, `${SET_ASIDE}2025`);
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'node.db'), 'no database');
  const old = await made(before.ownerId);
  const beside = new NodeNames(newId());
  const own = new NodeNames(agent.store.ownerId);
  await agent.host.ip([['link', 'add', beside.bridge(newId()), 'type', 'bridge']]);
  expect(await left(own)).toEqual(['link']);
  writeFileSync(marker(), '');
  await clear();
  expect(await left(old)).toEqual([]);
  expect([await left(beside), await left(own)]).toEqual([['link'], ['link']]);
});

it('is tried again at the next start where something was in the way', async () => {
  const names = await made(newId());
  writeFileSync(marker(), '');
  agent.engine.away = true;
  await clear();
  expect(await left(names).catch(() => 'away')).toBe('away');
  agent.engine.away = false;
  expect(await left(names)).toEqual(ALL);
  await clear();
  expect(await left(names)).toEqual([]);
});

it('what another node may need is told of, with what takes it away', () => {
  const link = (name: string) => ({ ...agent.host.links()[0]!, name });
  const chain = (table: string) => ({ chain: { family: 'inet', table, name: 'forward' } });
  const found = tracesOfOthers(new NodeNames('ab'.repeat(32)), {
    links: () => ['lo', 'skababb00000000', 'sk1234b00000000', 'sk1234wg', 'skynet0'].map(link),
    nftChains: () => [chain('skep_abab'), chain('skep_1234'), chain('skep_1234'), chain('filter')],
  });
  expect(found).toEqual([
    'there are links or tables of another node here, whose id begins with 1234: where its daemon runs, it needs a ' +
      'network namespace of its own; where it does not, take them away: "ip link delete sk1234b00000000", ' +
      '"ip link delete sk1234wg" and "nft delete table inet skep_1234"',
  ]);
});
