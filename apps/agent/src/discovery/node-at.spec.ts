import request from 'supertest';
import { afterEach, beforeEach, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';
import { UPLINK } from '../testing/uplink.js';

let agent: TestAgent;
beforeEach(async () => {
  agent = await TestAgent.open();
  await agent.host.ip(UPLINK);
});
afterEach(() => agent.close());

const at = (network: string, address: string) =>
  waitFor(() => agent.resolver.nodeAt.get(network) === address, {
    ms: 3_000,
    what: `${network} has its node at ${address}`,
  });

it('tells containers of the address that their node has now', async () => {
  await request(agent.server)
    .post('/v1.51/networks/create')
    .send({ Name: 'lan', Driver: 'l2bridge', IPAM: { Config: [{ Subnet: '192.0.2.0/24', Gateway: '192.0.2.1' }] } })
    .expect(201);
  await at('lan', '192.0.2.10');
  await agent.host.ip([
    ['addr', 'del', '192.0.2.10/24', 'dev', 'eth0'],
    ['addr', 'add', '192.0.2.77/24', 'dev', 'eth0'],
  ]);
  await at('lan', '192.0.2.77');
  await agent.host.ip([['link', 'del', 'dev', 'eth0']]);
  await at('lan', '');
});
