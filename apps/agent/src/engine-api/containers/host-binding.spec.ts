import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestAgent } from '../../testing/test-agent.js';

const BINDING = 'com.docker.network.bridge.host_binding_ipv4';

describe('a network that says on which address of the node its ports are published', () => {
  let agent: TestAgent;
  beforeEach(async () => {
    agent = await TestAgent.open();
    await network('closed', { [BINDING]: '127.0.0.1' });
    await network('open', { [BINDING]: '0.0.0.0' });
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(path).send(body);
  const network = (Name: string, Options: object) =>
    post('/networks/create', { Name, Options, EnableIPv6: true }).expect(201);
  const run = async (name: string, networks: string[], HostIp = '') => {
    const EndpointsConfig = Object.fromEntries(networks.map((each) => [each, {}]));
    const PortBindings = { '80/tcp': [{ HostIp, HostPort: '8080' }] };
    const body = { Image: 'demo', Cmd: ['serve'], HostConfig: { PortBindings }, NetworkingConfig: { EndpointsConfig } };
    await post(`/containers/create?name=${name}`, body).expect(201);
    await post(`/containers/${name}/start`).expect(204);
  };
  const inspect = async (name: string) => (await request(agent.server).get(`/containers/${name}/json`)).body;
  const places = async (name: string) =>
    ((await inspect(name)).NetworkSettings.Ports['80/tcp'] as { HostIp: string }[]).map(({ HostIp }) => HostIp);

  it('has them there, where the binding names none', async () => {
    await run('web', ['closed']);
    expect(await places('web')).toEqual(['127.0.0.1']);
    expect((await inspect('web')).HostConfig.PortBindings).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] });
    await run('named', ['closed'], '127.0.0.2');
    expect(await places('named')).toEqual(['127.0.0.2']);
  });

  it('says nothing of ports that another network publishes', async () => {
    await run('web', ['closed', 'open']);
    // Of equals the first by name has the default route.
    expect(await places('web')).toEqual(['127.0.0.1']);
    await post('/containers/web/stop?t=0').expect(204);
    await post('/networks/closed/disconnect', { Container: 'web' }).expect(200);
    await post('/containers/web/start').expect(204);
    expect(await places('web')).toEqual(['0.0.0.0', '::']);
  });

  it('counts for what runs as soon as it publishes its ports', async () => {
    await run('web', ['open']);
    await post('/networks/closed/connect', { Container: 'web' }).expect(200);
    expect(await places('web')).toEqual(['127.0.0.1']);
    await post('/networks/closed/disconnect', { Container: 'web' }).expect(200);
    expect(await places('web')).toEqual(['0.0.0.0', '::']);
  });
});
