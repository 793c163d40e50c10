import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TraceView } from '#lib/contracts';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const trace = (query: object) => request(agent.server).get('/skep/v1/trace').query(query);
const run = async (name: string, network: string, start = true) => {
  const made = { Image: 'demo', Cmd: ['serve'], HostConfig: { NetworkMode: network } };
  await request(agent.server).post('/containers/create').query({ name }).send(made).expect(201);
  if (start) await request(agent.server).post(`/containers/${name}/start`).expect(204);
};

it.each([
  [{}, 400, 'from: which container asks?'],
  [{ from: 'web' }, 400, 'to: a container, a name or an address'],
  [{ from: 'web', to: 'db', port: 'http' }, 400, 'port http: expected 1 to 65535'],
  [{ from: 'web', to: 'db', port: '65536' }, 400, 'port 65536'],
  [{ from: 'web', to: 'db', protocol: 'sctp' }, 400, 'protocol sctp: expected tcp or udp'],
  [{ from: 'web', to: 'db' }, 404, 'No such container: web'],
])('refuses %j', async (query, status, message) => {
  const { body } = await trace(query).expect(status);
  expect(body.message).toContain(message);
});

it('looks at the namespaces as they are: routes, addresses, who shares one, and who has none yet', async () => {
  await run('web', 'nat');
  await run('db', 'nat');
  await run('sharer', 'container:web');
  await run('made', 'nat', false);
  const { ipv4 = '' } = agent.store.list('container').find(({ name }) => name === 'db')!.endpoints[0]!;
  const found = async (query: object) => (await trace(query).expect(200)).body as TraceView;
  expect(await found({ from: 'web', to: ipv4 })).toMatchObject({ reached: true, from: 'web', protocol: 'tcp' });
  expect((await found({ from: 'sharer', to: ipv4 })).checks).toContainEqual({
    about: 'route',
    state: 'ok',
    says: expect.stringContaining(`${ipv4} directly by eth0`),
  });
  expect(await found({ from: 'web', to: ipv4, port: '80' })).toMatchObject({ reached: false, port: 80 });
  expect((await found({ from: 'made', to: ipv4 })).checks).toEqual([
    { about: 'container', state: 'no', says: 'made does not run: not started', advice: 'docker start made' },
  ]);
});
