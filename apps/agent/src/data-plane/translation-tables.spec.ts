import { afterEach, beforeEach, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { FOREIGN, kernelView } from '#lib/drivers';
import { NODE, type Node } from '../node/tokens.js';
import { TestAgent } from '../testing/test-agent.js';
import { NodeContext } from './node-context.js';
import { TranslationTables } from './translation-tables.js';

const id = 'c'.repeat(64);
const wanted = [{ address: '10.0.1.2', to: ['10.0.1.7'] }];
let agent: TestAgent;
let tables: TranslationTables;
let netns: string;
let table: string;
beforeEach(async () => {
  agent = await TestAgent.open();
  tables = agent.application.app.get(TranslationTables);
  const { names } = agent.application.app.get<Node>(NODE);
  [netns, table] = [names.netns(id), `inet ${names.nftTable}`];
  await agent.host.createNetns(netns);
  await tables.apply({ id }, wanted);
});
afterEach(() => agent.close());

const observed = () => tables.observe(new Set([netns])).get(id);
const statements = () => JSON.stringify(agent.host.nftTable('inet', table.split(' ')[1]!, netns) ?? []);

it('a table that cannot be read is not as it should be, and is made anew', async () => {
  agent.host.nft(`add map ${table} x { type inet_service : verdict; }`, netns);
  const { nftTable } = agent.host;
  agent.host.nftTable = () => {
    throw new SkepError('internal', 'nft: what is this');
  };
  tables.audit();
  expect(observed()).toBe(FOREIGN);
  await tables.apply({ id }, wanted);
  agent.host.nftTable = nftTable;
  expect(observed()).toEqual(wanted);
  expect(statements()).not.toContain('inet_service');
});

it('a table that cannot be changed as it stands is made anew', async () => {
  const { nft } = agent.host;
  agent.host.nft = (text, within) => {
    if (!text.includes('delete table')) throw new SkepError('internal', 'nft: File exists');
    nft.call(agent.host, text, within);
  };
  const other = [{ address: '10.0.1.3', to: ['10.0.1.7'] }];
  await tables.apply({ id }, other);
  expect(observed()).toEqual(other);
  expect(statements()).not.toContain('10.0.1.2');
});

it('a namespace that cannot be read has nothing in it, and ends no comparison', () => {
  const { links } = agent.host;
  agent.host.links = (within) => {
    if (within !== undefined) throw new SkepError('internal', 'no answer');
    return links.call(agent.host);
  };
  expect(kernelView(agent.application.app.get(NodeContext)).inside(id)).toBeUndefined();
});
