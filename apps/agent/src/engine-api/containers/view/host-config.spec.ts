import type { Server } from 'node:http';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { podmanDialect } from '#lib/engine';
import { TestAgent } from '../../../testing/test-agent.js';

/** What makes a container anew (Watchtower, Portainer) sends the inspection's HostConfig as it is. */
describe('HostConfig of an inspection', () => {
  let agent: TestAgent;
  let server: Server;

  beforeAll(async () => {
    agent = await TestAgent.open();
    ({ server } = agent);
  });
  afterAll(() => agent.close());

  const create = (name: string, HostConfig: object) =>
    request(server)
      .post(`/containers/create?name=${name}`)
      .send({ Image: 'demo', Cmd: ['serve'], HostConfig });
  const shown = async (name: string) =>
    ((await request(server).get(`/containers/${name}/json`).expect(200)).body as { HostConfig: object }).HostConfig;
  const toldToPodman = async (name: string) => {
    const seen = (await agent.engine.list('io.skep.container')).find((each) => each.name === name)!;
    const { network, spec } = agent.engine.requestOf(seen.engineId);
    return podmanDialect.hostConfig(network, spec.HostConfig ?? {});
  };

  it.each<[what: string, hostConfig: object]>([
    ['nothing', {}],
    ['privileges', { Privileged: true }],
    ['all of the kernel', { MaskedPaths: [], ReadonlyPaths: [] }],
    ["the node's /dev/shm", { IpcMode: 'host' }],
    ['no network', { NetworkMode: 'none' }],
    ["the node's network", { NetworkMode: 'host', UTSMode: 'host', PidMode: 'host' }],
    ['ports and a policy', { PortBindings: { '80/tcp': [{ HostPort: '8080' }] }, RestartPolicy: { Name: 'always' } }],
    ['ports by themselves, once', { PublishAllPorts: true, AutoRemove: true }],
    ['limits', { Memory: 64 << 20, MemorySwap: -1, NanoCpus: 1e9, PidsLimit: 50, ShmSize: 1 << 20, OomScoreAdj: 10 }],
    ['limits of a process', { Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }] }],
    ['mounts', { Binds: ['data:/data:ro'], Tmpfs: { '/run': '' }, Mounts: [{ Type: 'volume', Target: '/v' }] }],
    ['less and more rights', { CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] }],
    ['names', { Dns: ['9.9.9.9'], DnsSearch: ['lan'], ExtraHosts: ['a:10.0.0.1'], GroupAdd: ['audio'] }],
    ['a log', { LogConfig: { Type: 'local', Config: { 'max-size': '1m' } } }],
  ])('makes another container, and the same one to Podman: %s', async (what, hostConfig) => {
    const [first, second] = ['first', 'second'].map((one) => `${one}-${what.replace(/\W/g, '')}`) as [string, string];
    await create(first, hostConfig).expect(201);
    const inspected = await shown(first);
    const { body, status } = await create(second, inspected);
    expect([status, body]).toMatchObject([201, { Id: expect.any(String) }]);
    expect(await shown(second)).toEqual(inspected);
    const [asked, again] = [await toldToPodman(first), await toldToPodman(second)];
    for (const key of ['SecurityOpt', 'ShmSize', 'LogConfig', 'Sysctls', 'Ulimits', 'Binds', 'Tmpfs', 'Mounts']) {
      expect(again[key] ?? [], key).toEqual(asked[key] ?? []);
    }
  });

  it('has links of the default network alone, in the form that Docker shows and takes', async () => {
    const links = (name: string) =>
      agent.store
        .list('container')
        .find((each) => each.name === name)!
        .endpoints.map((at) => at.links);
    await request(server).post('/networks/create').send({ Name: 'back' }).expect(201);
    await create('linked', {}).expect(201);
    await create('web', { Links: ['linked:db', 'linked'] }).expect(201);
    const inspected = await shown('web');
    expect(inspected).toMatchObject({ Links: ['/linked:/web/db', '/linked:/web/linked'] });
    await create('again', inspected).expect(201);
    expect(links('again')).toEqual([{ db: 'linked', linked: 'linked' }]);
    await create('elsewhere', { NetworkMode: 'back', Links: ['linked:db'] }).expect(201);
    expect(links('elsewhere')).toEqual([{ db: 'linked' }]);
    expect(await shown('elsewhere')).toMatchObject({ Links: null });
  });
});
