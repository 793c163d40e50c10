import { afterEach, beforeEach, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { NODE, type Node } from '../node/tokens.js';
import { TestAgent } from '../testing/test-agent.js';
import { ResolverTables } from './resolver-tables.js';

const ids = ['c', 'd'].map((each) => each.repeat(64)) as [string, string];
let agent: TestAgent;
let tables: ResolverTables;
let netns: string[];
let name: string;
beforeEach(async () => {
  agent = await TestAgent.open();
  tables = agent.application.app.get(ResolverTables);
  const { names } = agent.application.app.get<Node>(NODE);
  netns = ids.map((id) => names.netns(id));
  name = names.nftTable;
  for (const each of netns) await agent.host.createNetns(each);
  for (const id of ids) tables.ensure({ id });
});
afterEach(() => agent.close());

const observed = () => [...tables.observe(new Set(netns), new Set(ids))];
const there = () => netns.map((each) => agent.host.nftTable('ip', name, each));

it('a table is as it was made, in every namespace alike', () => {
  tables.audit();
  expect(observed()).toEqual(ids);
  expect(there()[0]).toEqual(there()[1]);
});

it.each(['flush ruleset', 'delete table ip TABLE', 'add rule ip TABLE questions udp dport 253 drop'])(
  'what becomes of it by "%s" is seen and made good',
  (change) => {
    const before = there();
    agent.host.nft(change.replace('TABLE', name), netns[1]);
    tables.audit();
    expect(observed()).toEqual([ids[0]]);
    tables.ensure({ id: ids[1] });
    tables.audit();
    expect([observed(), there()]).toEqual([ids, before]);
  },
);

it('a table that does not let itself be changed is made anew', async () => {
  const { nft } = agent.host;
  agent.host.nft = (text, within) => {
    if (!text.includes('delete table')) throw new SkepError('internal', 'nft: File exists');
    nft.call(agent.host, text, within);
  };
  tables.forget(ids[1]);
  expect(() => tables.ensure({ id: ids[1] })).toThrow('File exists');
  expect(observed()).toEqual([ids[0]]);
  tables.ensure({ id: ids[1] });
  expect(observed()).toEqual(ids);
});

it('a namespace that cannot be read, or is gone, concerns nobody else', async () => {
  const { nftTable } = agent.host;
  agent.host.nftTable = (family, called, within) => {
    if (within === netns[0]) throw new SkepError('internal', 'nft: what is this');
    return nftTable.call(agent.host, family, called, within);
  };
  await agent.host.removeNetns(netns[1]!);
  tables.audit();
  expect(observed()).toEqual([]);
});
