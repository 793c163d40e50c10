import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestAgent } from '../testing/test-agent.js';
import { UPLINK } from '../testing/uplink.js';

/** What iptables-nft and nft list of `-P FORWARD DROP`, with rules that accept by the names of links. */
const forwardChain = (...accepted: { key: 'iifname' | 'oifname'; name: string }[]) => [
  { chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', prio: 0, policy: 'drop' } },
  { rule: { family: 'ip', table: 'filter', chain: 'FORWARD', handle: 1, expr: [{ xt: null }, { accept: null }] } },
  ...accepted.map(({ key, name }, n) => ({
    rule: {
      family: 'ip',
      table: 'filter',
      chain: 'FORWARD',
      handle: n + 2,
      expr: [{ match: { op: '==', left: { meta: { key } }, right: name } }, { counter: null }, { accept: null }],
    },
  })),
];
const BARRED = /^network front: .*no outside.*ip filter FORWARD drops by default.*DOCKER-USER.*ufw/;

describe('networks beside a firewall that drops what is forwarded', () => {
  let agent: TestAgent;
  beforeEach(async () => {
    agent = await TestAgent.open();
    await agent.host.ip(UPLINK);
  });
  afterEach(() => agent.close());

  const listing = (all: unknown[]) => {
    agent.host.nftRuleset = () => all;
  };
  const create = async (more: object = {}) => {
    const named = { Options: { 'com.docker.network.bridge.name': 'front0' } };
    const { body } = await request(agent.server)
      .post('/networks/create')
      .send({ Name: 'front', ...named, ...more })
      .expect(201);
    return (body as { Warning: string }).Warning;
  };
  const inInfo = async () =>
    ((await request(agent.server).get('/skep/v1/info')).body as { warnings: string[] }).warnings;

  it('are made, and whoever asks is warned', async () => {
    listing(forwardChain());
    expect(await create()).toMatch(BARRED);
    expect(await inInfo()).toEqual([expect.stringMatching(/^networks nat and front: .*drops by default/)]);
  });

  it('are without a warning once rules there let them pass both ways', async () => {
    const ways = ['iifname', 'oifname'] as const;
    const pass = (...names: string[]) => names.flatMap((name) => ways.map((key) => ({ key, name })));
    listing(forwardChain(...pass('front0', 'sk*')));
    expect(await create()).toBe('');
    expect(await inInfo()).toEqual([]);
    listing(forwardChain({ key: 'iifname', name: 'front0' }, ...pass('sk*')));
    expect(await inInfo()).toEqual([expect.stringMatching(BARRED)]);
  });

  it('are made whatever others have written, and nothing is said of what cannot be read', async () => {
    const rule = { family: 'ip', table: 'filter', chain: 'FORWARD', handle: 1, expr: [{ match: null }] };
    listing([...forwardChain(), { rule }]);
    expect(await create()).toBe('');
  });

  it('need nothing where they have no outside, or are on a physical segment', async () => {
    listing(forwardChain());
    expect(await create({ Internal: true })).toBe('');
    const segment = { IPAM: { Config: [{ Subnet: '192.0.2.0/24', Gateway: '192.0.2.1' }] } };
    expect(await create({ Name: 'lan', Driver: 'l2bridge', Options: {}, ...segment })).toBe('');
  });

  it('are not warned about where no chain drops by default', async () => {
    listing([
      { chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', prio: 0, policy: 'accept' } },
    ]);
    expect(await create()).toBe('');
    expect(await inInfo()).toEqual([]);
  });
});
