import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestAgent } from '../../testing/test-agent.js';

describe('a network that is gone', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
  });
  afterEach(() => agent.close());

  const get = (path: string) => request(agent.server).get(path);
  const post = (path: string, body: object = {}) => request(agent.server).post(path).send(body);
  const make = async () => {
    const body = { Name: 'b', IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } };
    return ((await post('/networks/create', body).expect(201)).body as { Id: string }).Id;
  };
  const run = async () => {
    const body = { Image: 'demo', Cmd: ['serve'], HostConfig: { NetworkMode: 'b' } };
    const { Id } = (await post('/containers/create?name=web', body).expect(201)).body as { Id: string };
    await post('/containers/web/start').expect(204);
    return Id;
  };

  it.each([
    ['its name', (name: string) => name, 'b'],
    ['its id', (_name: string, id: string) => id, 'b'],
    ['its id, where the row is from before names were kept', (_name: string, id: string) => id, undefined],
  ])('is left by a stopped container, by %s', async (_how, told, kept) => {
    const Id = await make();
    const container = await run();
    await post('/networks/nat/connect', { Container: 'web' }).expect(200);
    await post('/containers/web/stop').expect(204);
    await request(agent.server).delete('/networks/b').expect(204);
    const { value } = agent.store.get('container', container)!;
    const endpoints = value.endpoints.map((at) => (at.networkId === Id ? { ...at, network: kept } : at));
    await agent.store.commit([{ op: 'put', kind: 'container', value: { ...value, endpoints } }]);
    const named = kept === undefined ? '' : ', which was named b';
    expect((await post('/containers/web/start').expect(404)).body.message).toBe(
      `network ${Id} not found: container web is attached to it${named}; take it off with "docker network disconnect ${kept ?? Id} web"`,
    );
    const { NetworkSettings } = (await get('/containers/web/json').expect(200)).body;
    expect(Object.keys(NetworkSettings.Networks)).toEqual(kept === undefined ? ['nat'] : ['b', 'nat']);
    // Another one of that name is not the one that it is on.
    await make();
    await post(`/networks/${told('b', Id)}/disconnect`, { Container: 'web' }).expect(200);
    await post('/containers/web/start').expect(204);
    await post('/networks/b/connect', { Container: 'web' }).expect(200);
  });
});
