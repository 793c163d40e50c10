import type { Server } from 'node:http';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

interface Listed {
  Id: string;
  Names: string[];
  State: string;
}

describe('containers as the Engine API shows them', () => {
  let agent: TestAgent;
  let server: Server;

  beforeEach(async () => {
    agent = await TestAgent.open();
    agent.engine.addImage('app', {
      exposedPorts: ['8080/tcp'],
      defaults: {
        Cmd: ['serve'],
        Env: ['PATH=/bin', 'MODE=image'],
        Labels: { maker: 'image', kept: 'image' },
        ExposedPorts: { '8080/tcp': {} },
        WorkingDir: '/srv',
        Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
      },
    });
    ({ server } = agent);
  });
  afterEach(() => agent.close());

  const create = async (name: string, body: object = {}, start = true): Promise<string> => {
    const { body: answer } = await request(server)
      .post(`/containers/create?name=${name}`)
      .send({ Image: 'demo', Cmd: ['serve'], ...body })
      .expect(201);
    if (start) await request(server).post(`/containers/${name}/start`).expect(204);
    return (answer as { Id: string }).Id;
  };
  const list = async (query: string, filters?: object): Promise<Listed[]> => {
    const text = filters === undefined ? '' : `&filters=${encodeURIComponent(JSON.stringify(filters))}`;
    return (await request(server).get(`/containers/json?${query}${text}`).expect(200)).body as Listed[];
  };
  const names = async (query: string, filters?: object) =>
    (await list(query, filters)).map(({ Names }) => Names[0]!.slice(1));
  const inspect = async (name: string, query = '') =>
    (await request(server).get(`/containers/${name}/json${query}`).expect(200)).body;

  it('lists what runs, the newest first, in the words of Docker', async () => {
    const id = await create('web', {
      Cmd: ['serve', 'two words'],
      Labels: { tier: 'front' },
      ExposedPorts: { '90/udp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
    });
    await create('idle', {}, false);
    await create('db');
    expect(await names('')).toEqual(['db', 'web']);
    expect(await names('all=1')).toEqual(['db', 'idle', 'web']);
    expect(await names('limit=2')).toEqual(['db', 'idle']);
    const network = agent.store.list('network').find(({ name }) => name === 'nat')!;
    expect((await list('', { name: ['web'] }))[0]).toEqual({
      Id: id,
      Names: ['/web'],
      Image: 'demo',
      ImageID: expect.stringMatching(/^sha256:/),
      Command: "serve 'two words'",
      Created: expect.any(Number),
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 90, Type: 'udp' },
      ],
      Labels: { tier: 'front' },
      State: 'running',
      Status: expect.stringMatching(/^Up /),
      HostConfig: { NetworkMode: 'nat' },
      NetworkSettings: {
        Networks: {
          nat: expect.objectContaining({
            NetworkID: network.id,
            Gateway: network.pools[0]!.gateway,
            IPAddress: expect.stringMatching(/^\d+\./),
            Aliases: null,
            DNSNames: ['web', id.slice(0, 12)],
          }),
        },
      },
      Mounts: [],
    });
    expect((await list('size=1'))[0]).toMatchObject({ SizeRw: 1_000, SizeRootFs: 5_000 });
  });

  it('filters as Docker does', async () => {
    const web = await create('web', {
      Labels: { tier: 'front', app: 'shop' },
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }], '53/udp': [{ HostPort: '5300' }] } },
    });
    await create('job', { Cmd: ['sh', '-c', 'exit 3'], Labels: { tier: 'back' } });
    await create('idle', { ExposedPorts: { '9000/tcp': {} }, HostConfig: { NetworkMode: 'none' } }, false);
    await create('app', { Image: 'app', Cmd: null });
    await waitFor(async () => (await names('', { status: ['exited'] })).length === 1, {
      ms: 5000,
      what: 'the end of job',
    });
    const networkId = (name: string) => agent.store.list('network').find((each) => each.name === name)!.id;
    const cases: [filters: object, found: string[]][] = [
      [{ status: ['created'] }, ['idle']],
      [{ status: { exited: true, created: true } }, ['idle', 'job']],
      [{ exited: ['3'] }, ['job']],
      [{ exited: ['0'] }, []],
      [{ label: ['tier'] }, ['job', 'web']],
      [{ label: ['tier=front', 'app'] }, ['web']],
      [{ name: ['/web'] }, ['web']],
      [{ name: ['^/?(web|job)$'] }, ['job', 'web']],
      [{ id: [web.slice(0, 8)] }, ['web']],
      [{ publish: ['8080'] }, ['web']],
      [{ publish: ['5290-5310/udp'] }, ['web']],
      [{ publish: ['80'] }, []],
      [{ expose: ['80'] }, ['web']],
      [{ publish: ['8080'], expose: ['9000'] }, ['idle', 'web']],
      [{ expose: ['9000'] }, ['idle']],
      [{ expose: ['8080'] }, ['app']],
      [{ network: ['nat'] }, ['app', 'job', 'web']],
      [{ network: ['bridge'] }, ['app', 'job', 'web']],
      [{ network: [networkId('nat').slice(0, 12)] }, ['app', 'job', 'web']],
      [{ network: ['none'] }, ['idle']],
      [{ network: [networkId('none')] }, ['idle']],
      [{ network: ['host'] }, []],
      [{ ancestor: ['app'] }, ['app']],
      [{ ancestor: ['app:latest'] }, ['app']],
      [{ before: ['idle'] }, ['job', 'web']],
      [{ since: ['job'], before: ['app'] }, ['idle']],
      [{ health: ['starting'] }, ['app']],
      [{ health: ['none'] }, ['idle', 'job', 'web']],
      [{ 'is-task': ['true'] }, []],
      [{ isolation: ['default'] }, ['app', 'idle', 'job', 'web']],
      [{ volume: ['/nowhere'] }, []],
    ];
    for (const [filters, found] of cases) expect([filters, await names('all=1', filters)]).toEqual([filters, found]);
  });

  it.each([
    [{ colour: ['red'] }, 400, /^invalid filter 'colour'/],
    [{ status: ['asleep'] }, 400, /^invalid filter 'status=asleep'/],
    [{ health: ['fine'] }, 400, /^invalid filter 'health=fine'/],
    [{ exited: ['x'] }, 400, /^invalid filter 'exited=x'/],
    [{ publish: ['http'] }, 400, /^invalid port "http/],
    [{ before: ['nobody'] }, 404, /^No such container: nobody/],
  ])('refuses %j', async (filters, status, message) => {
    await create('web');
    const { body } = await request(server)
      .get(`/containers/json?filters=${encodeURIComponent(JSON.stringify(filters))}`)
      .expect(status);
    expect((body as { message: string }).message).toMatch(message);
  });

  it('shows a container as it was asked for, with what its image says and Docker’s defaults', async () => {
    const id = await create('app', {
      Image: 'app',
      Cmd: null,
      Env: ['MODE=asked', 'MORE=1'],
      Labels: { kept: 'asked' },
      HostConfig: {
        NetworkMode: 'default',
        Memory: 64 << 20,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      },
    });
    const shown = await inspect('app');
    expect(shown).toMatchObject({
      Id: id,
      Name: '/app',
      Path: 'serve',
      Args: [],
      State: { Status: 'running', Running: true, Restarting: false, ExitCode: 0, FinishedAt: '0001-01-01T00:00:00Z' },
      RestartCount: 0,
      HostConfig: {
        NetworkMode: 'nat',
        Memory: 64 << 20,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        AutoRemove: false,
        PortBindings: {},
        ShmSize: 64 << 20,
        LogConfig: { Type: 'json-file', Config: {} },
        PidsLimit: null,
      },
      Config: {
        Hostname: id.slice(0, 12),
        Image: 'app',
        Cmd: ['serve'],
        Entrypoint: null,
        WorkingDir: '/srv',
        ExposedPorts: { '8080/tcp': {} },
        Labels: { maker: 'image', kept: 'asked' },
        Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
      },
      NetworkSettings: { Ports: { '8080/tcp': null }, Networks: { nat: { DNSNames: ['app', id.slice(0, 12)] } } },
    });
    expect([...shown.Config.Env].sort()).toEqual(['MODE=asked', 'MORE=1', 'PATH=/bin']);
    expect(shown.NetworkSettings.IPAddress).toBe(shown.NetworkSettings.Networks.nat.IPAddress);
    expect(shown.NetworkSettings.SandboxKey).toMatch(/^\/run\/netns\/skep-/);
    expect(shown).not.toHaveProperty('SizeRw');
    expect(await inspect('app', '?size=1')).toMatchObject({ SizeRw: 1_000, SizeRootFs: 5_000 });
    await waitFor(async () => (await inspect('app')).State.Health.Status === 'healthy', {
      ms: 10_000,
      what: 'a probe',
    });
    expect((await inspect('app')).State.Health).toMatchObject({ FailingStreak: 0, Log: [{ ExitCode: 0, Output: '' }] });
  }, 20_000);

  it('shows the names by which a container is found: its own, its aliases and its host name, with its domain name too', async () => {
    const NetworkingConfig = { EndpointsConfig: { shop: { Aliases: ['store'] } } };
    await request(agent.server).post('/networks/create').send({ Name: 'shop' }).expect(201);
    const asked = { Hostname: 'db', Domainname: 'example.org', HostConfig: { NetworkMode: 'shop' }, NetworkingConfig };
    const id = await create('shop-db-1', asked);
    expect((await inspect('shop-db-1')).NetworkSettings.Networks.shop.DNSNames).toEqual([
      'shop-db-1',
      'store',
      id.slice(0, 12),
      'db',
      'db.example.org',
    ]);
  });

  it.each(['host', 'none'])('shows that a container is on %s, which has no endpoints', async (mode) => {
    const id = await create('web', { HostConfig: { NetworkMode: mode } });
    const { id: NetworkID } = agent.store.list('network').find(({ name }) => name === mode)!;
    const { Networks, IPAddress } = (await inspect('web')).NetworkSettings;
    expect(Networks).toEqual({
      [mode]: expect.objectContaining({
        NetworkID,
        IPAddress: '',
        DNSNames: null,
        EndpointID: expect.stringMatching(/./),
      }),
    });
    expect(IPAddress).toBe('');
    expect((await list('', { network: [mode] })).map(({ Id }) => Id)).toEqual([id]);
    const network = async () => (await request(server).get(`/networks/${mode}`).expect(200)).body.Containers;
    expect(await network()).toEqual({
      [id]: expect.objectContaining({ Name: 'web', MacAddress: '', IPv4Address: '' }),
    });
    await request(server).post('/containers/web/stop').expect(204);
    expect(await network()).toEqual({});
    expect((await inspect('web')).NetworkSettings.Networks[mode]).toMatchObject({ NetworkID, EndpointID: '' });
  });

  it('gives no network to whom it is disabled for, whatever else is asked for', async () => {
    await create('alone', {
      NetworkDisabled: true,
      HostConfig: { NetworkMode: 'default' },
      NetworkingConfig: { EndpointsConfig: { 'not-here': {} } },
    });
    const { Config, HostConfig, NetworkSettings } = await inspect('alone');
    expect(Config).toHaveProperty('NetworkDisabled', true);
    expect(HostConfig).toHaveProperty('NetworkMode', 'none');
    expect(Object.keys((NetworkSettings as { Networks: object }).Networks)).toEqual(['none']);
    const id = await create('owner');
    await create('sharing', { NetworkDisabled: true, HostConfig: { NetworkMode: 'container:owner' } });
    expect((await inspect('sharing')).HostConfig).toHaveProperty('NetworkMode', `container:${id}`);
    expect((await inspect('owner')).Config).not.toHaveProperty('NetworkDisabled');
  });

  it('shows no address of what does not run', async () => {
    await create('web', { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } } });
    await request(server).post('/containers/web/stop').expect(204);
    const { State, NetworkSettings, HostConfig } = await inspect('web');
    expect(State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 137 });
    expect(NetworkSettings).toMatchObject({ IPAddress: '', SandboxID: '', Ports: {} });
    expect(NetworkSettings.Networks.nat).toMatchObject({ IPAddress: '', EndpointID: '', MacAddress: '' });
    expect(HostConfig.PortBindings).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '8080' }] });
  });

  it('keeps the short id among the aliases for clients that look for it there', async () => {
    const id = await create('web');
    const old = await request(server).get('/v1.43/containers/web/json').expect(200);
    expect(old.body.NetworkSettings.Networks.nat.Aliases).toEqual([id.slice(0, 12)]);
  });

  it('knows containers by name, id and prefix, and says which it does not know', async () => {
    const id = await create('web');
    for (const name of ['web', '%2Fweb', id, id.slice(0, 6)]) expect((await inspect(name)).Id).toBe(id);
    await request(server)
      .get('/containers/nobody/json')
      .expect(404, { message: 'No such container: nobody', code: 'not_found' });
    await request(server)
      .get('/v1.51/containers/some/image:1/json')
      .expect(404, { message: 'No such container: some/image:1', code: 'not_found' });
  });
});
