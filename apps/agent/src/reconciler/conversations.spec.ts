import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import request from 'supertest';
import { waitFor } from '#lib/common';
import { TranslationTables } from '../data-plane/translation-tables.js';
import { NODE, type Node } from '../node/tokens.js';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const client = { address: '198.51.100.9', port: 4000 };
const conversation = (to: string, by: string) => ({
  from: client,
  back: client,
  to: { address: to, port: 5353 },
  with: { address: by, port: 53 },
});

describe('conversations by UDP', () => {
  it('with a published port end when it leads elsewhere, and when it is closed', async () => {
    const { host, server } = agent;
    const [own, foreign] = ['127.0.0.1', '198.51.100.1'];
    const run = async (IPAddress: string) => {
      const { body } = await request(server)
        .post('/v1.41/containers/create')
        .send({
          Image: 'demo',
          Cmd: ['idle'],
          ExposedPorts: { '53/udp': {} },
          HostConfig: { NetworkMode: 'one', PortBindings: { '53/udp': [{ HostPort: '5353' }] } },
          NetworkingConfig: { EndpointsConfig: { one: { IPAMConfig: { IPv4Address: IPAddress } } } },
        })
        .expect(201);
      await request(server).post(`/v1.41/containers/${body.Id}/start`).expect(204);
      return body.Id as string;
    };
    const left = (count: number) =>
      waitFor(() => host.conversations().length === count, { ms: 5_000, what: `${count} conversations are left` });

    await request(server)
      .post('/v1.41/networks/create')
      .send({ Name: 'one', IPAM: { Config: [{ Subnet: '172.20.0.0/24' }] } })
      .expect(201);
    // Somebody speaks before the port is published, and somebody passes through.
    host.converse(conversation(own, own));
    host.converse(conversation(foreign, own));
    const first = await run('172.20.0.10');
    await left(1);
    host.converse(conversation(own, '172.20.0.10'));
    await request(server).delete(`/v1.41/containers/${first}?force=1`).expect(204);
    await left(1);
    host.converse(conversation(own, '172.20.0.10'));
    await run('172.20.0.11');
    await left(1);
    expect(host.conversations()).toEqual([conversation(foreign, own)]);
  });

  it('by a virtual address are looked for only where one was ever spoken to', async () => {
    const { host, application } = agent;
    const tables = application.app.get(TranslationTables);
    const id = 'c'.repeat(64);
    const netns = application.app.get<Node>(NODE).names.netns(id);
    await host.createNetns(netns);
    const translation = (...to: string[]) => [{ address: '10.0.1.2', to }];
    await tables.apply({ id }, translation('10.0.1.7', '10.0.1.8'));
    host.converse(conversation('10.0.1.2', '10.0.1.7'), netns);
    await tables.apply({ id }, translation('10.0.1.8'));
    expect(host.conversations(netns)).toHaveLength(1);
  });
});
