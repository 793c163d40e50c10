import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conflict, waitFor } from '#lib/common';
import { SwarmNetworks } from './swarm-networks.js';
import { TestAgent } from '../../testing/test-agent.js';

const LINK_NAME = 'com.docker.network.windowsshim.networkname';
const IF_NAME = 'com.docker.network.endpoint.ifname';

describe('Docker’s /networks', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
  });

  afterEach(() => agent.close());

  const get = (path: string) => request(agent.server).get(`/v1.51${path}`);
  const post = (path: string, body: object = {}) => request(agent.server).post(`/v1.51${path}`).send(body);
  const filtered = (path: string, filters: object) => get(path).query({ filters: JSON.stringify(filters) });

  const make = async (name: string, body: object = {}) =>
    (await post('/networks/create', { Name: name, ...body }).expect(201)).body as { Id: string; Warning: string };

  const run = async (name: string, network: string, { start = true, host = {} } = {}) => {
    const body = { Image: 'demo', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: network, ...host } };
    const { Id } = (await post(`/containers/create?name=${name}`, body).expect(201)).body as { Id: string };
    if (start) await post(`/containers/${Id}/start`).expect(204);
    return Id;
  };

  const names = async (filters: object) =>
    ((await filtered('/networks', filters).expect(200)).body as { Name: string }[]).map((each) => each.Name).sort();

  it('shows a manager’s clients the nodes’ own networks as targets of services', async () => {
    await get('/networks/host?scope=swarm').expect(404);
    vi.spyOn(agent.application.app.get(SwarmNetworks), 'managed', 'get').mockReturnValue(true);
    const shown = async (name: string) => (await get(`/networks/${name}?scope=swarm`).expect(200)).body as object;
    expect(await shown('host')).toMatchObject({ Id: 'host', Name: 'host', Driver: 'host', Scope: 'swarm' });
    expect(await shown('bridge')).toMatchObject({ Id: 'bridge', Name: 'bridge', Driver: 'bridge', Scope: 'swarm' });
    expect((await get('/networks/host').expect(200)).body).toMatchObject({ Scope: 'local' });
  });

  it('makes a network in every detail, and shows it as Docker does', async () => {
    const { Id, Warning } = await make('lab', {
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: true,
      Attachable: true,
      IPAM: {
        Driver: 'default',
        Options: { a: 'b' },
        Config: [
          {
            Subnet: '10.10.0.0/24',
            IPRange: '10.10.0.128/25',
            Gateway: '10.10.0.9',
            AuxiliaryAddresses: { printer: '10.10.0.7' },
          },
        ],
      },
      Options: { [LINK_NAME]: 'lab0', 'com.docker.network.windowsshim.vsid': '7' },
      Labels: { tier: 'back' },
    });
    expect(Warning).toContain('com.docker.network.windowsshim.vsid has no effect here');
    const { body } = await get('/networks/lab').expect(200);
    expect(body).toEqual({
      Name: 'lab',
      Id,
      Created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      Scope: 'local',
      Driver: 'bridge',
      EnableIPv4: true,
      EnableIPv6: false,
      IPAM: {
        Driver: 'default',
        Options: { a: 'b' },
        Config: [
          {
            Subnet: '10.10.0.0/24',
            IPRange: '10.10.0.128/25',
            Gateway: '10.10.0.9',
            AuxiliaryAddresses: { printer: '10.10.0.7' },
          },
        ],
      },
      Internal: true,
      Attachable: true,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Containers: {},
      Options: { [LINK_NAME]: 'lab0', 'com.docker.network.windowsshim.vsid': '7' },
      Labels: { tier: 'back' },
    });
    expect(agent.host.links().find((link) => link.name === 'lab0')).toMatchObject({
      kind: 'bridge',
      up: true,
      addresses: expect.arrayContaining(['10.10.0.9/24']),
    });
  });

  it.each([
    [undefined, 'nat'],
    ['', 'nat'],
    ['nat', 'nat'],
    ['bridge', 'bridge'],
  ])('shows the driver as it was asked for, and finds it by either name: %s', async (Driver, shown) => {
    await make('plain', { Driver });
    expect((await get('/networks/plain')).body.Driver).toBe(shown);
    const drivers = async () =>
      ((await get('/networks')).body as { Name: string; Driver: string }[]).map((each) => [each.Name, each.Driver]);
    expect(await drivers()).toEqual(expect.arrayContaining([['plain', shown]]));
    for (const driver of ['nat', 'bridge']) expect(await names({ driver: [driver] })).toEqual(['nat', 'plain']);
    // What is skep's own says what it really is.
    expect((await request(agent.server).get('/skep/v1/networks/plain')).body.driver).toBe('nat');
  });

  it('chooses subnet, gateway and link, and writes the link’s name back', async () => {
    const { Id } = await make('plain');
    const { body } = await get(`/networks/${Id.slice(0, 8)}`).expect(200);
    expect(body.IPAM.Config).toEqual([{ Subnet: '172.31.224.0/20', Gateway: '172.31.224.1' }]);
    expect(agent.host.links().map((link) => link.name)).toContain(body.Options[LINK_NAME]);
    await get('/networks/bridge').expect(200, { ...body, ...(await get('/networks/nat')).body });
    expect((await get('/networks/none')).body).toMatchObject({ Driver: 'null', IPAM: { Config: [] }, Options: {} });
    await request(agent.server).head('/networks/plain').expect(200);
    await request(agent.server).head('/networks/nope').expect(404);
  });

  it.each([
    [{ Name: '' }, 400, 'invalid name: name is empty'],
    [{ Name: 'a/b' }, 400, 'invalid name: "a/b"'],
    [{ Name: 'a\nb' }, 400, 'invalid name: "a\\nb"'],
    [{ Name: '..' }, 400, 'invalid name: "..": only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed'],
    [{ Name: '-x' }, 400, 'invalid name: "-x": only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed'],
    [{ Name: 'é' }, 400, 'invalid name: "é": only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed'],
    [{ Name: 'x'.repeat(256) }, 400, 'invalid name: 256 characters'],
    [{ Name: 7 }, 400, 'Name'],
    [{ Name: 'nat' }, 409, 'network with name nat already exists'],
    [{ Name: 'bridge' }, 403, 'operation is not permitted on predefined bridge network '],
    [{ Name: 'none' }, 403, 'operation is not permitted on predefined none network '],
    [
      { Name: 'x', Driver: 'natt' },
      404,
      'could not find plugin natt in v1 plugin registry: plugin not found; did you mean nat?',
    ],
    [{ Name: 'x', Driver: 'overlay' }, 503, 'This node is not a swarm manager. Use "docker swarm init"'],
    [{ Name: 'x', Driver: 'host' }, 403, 'only one instance of "host" network is allowed'],
    [{ Name: 'x', Driver: 'null' }, 403, 'only one instance of "null" network is allowed'],
    [{ Name: 'x', Scope: 'swarm' }, 403, 'cannot create a swarm scoped network when swarm is not active'],
    [{ Name: 'x', Ingress: true }, 403, 'Ingress network can only be global scope network'],
    [{ Name: 'x', ConfigOnly: true }, 501, 'ConfigOnly'],
    [{ Name: 'x', ConfigFrom: { Network: 'y' } }, 501, 'ConfigFrom'],
    [{ Name: 'x', IPAM: { Driver: 'foo' } }, 404, 'could not find plugin foo'],
    [{ Name: 'x', IPAM: { Config: [{ Subnet: '10.9.0.300/24' }] } }, 400, '10.9.0.300 is not an IP address'],
    [{ Name: 'x', IPAM: { Config: [{ Subnet: '10.9.0.0/24', Gateway: '10.8.0.1' }] } }, 400, 'gateway 10.8.0.1'],
    [{ Name: 'x', EnableIPv4: false }, 400, 'IPv4 and IPv6 are both off'],
    [{ Name: 'x', Options: { 'com.docker.network.windowsshim.dnssufix': 'a' } }, 400, 'dnssuffix'],
    [
      { Name: 'x', IPAM: { Config: [{ Subnet: '172.31.250.0/24' }] } },
      409,
      'Pool overlaps with other one on this address space: subnet 172.31.250.0/24 overlaps network nat (172.31.240.0/20)',
    ],
  ])('refuses %j', async (body, status, message) => {
    const { revision } = agent.store;
    const response = await post('/networks/create', body).expect(status);
    expect(response.body.message).toContain(message);
    expect(agent.store.revision).toBe(revision);
  });

  it('leaves nothing of a network that the kernel refuses', async () => {
    await agent.host.ip([['link', 'add', 'name', 'late0', 'type', 'bridge']]);
    const { revision } = agent.store;
    const taken = await post('/networks/create', { Name: 'x', Options: { [LINK_NAME]: 'late0' } }).expect(409);
    expect(taken.body.message).toContain('late0');
    expect(agent.store.revision).toBe(revision);
  });

  it('lists by every filter, in both JSON shapes', async () => {
    await make('web', { Labels: { a: '1', b: '' } });
    const { Id } = await make('worker', { Labels: { a: '2' } });
    await run('box', 'web');
    expect(await names({ name: ['w'] })).toEqual(['web', 'worker']);
    expect(await names({ name: { '^wor': true } })).toEqual(['worker']);
    expect(await names({ id: [Id.slice(0, 12)] })).toEqual(['worker']);
    expect(await names({ label: ['a=1', 'b'] })).toEqual(['web']);
    expect(await names({ driver: ['bridge'], type: ['custom'] })).toEqual(['web', 'worker']);
    expect(await names({ driver: ['null', 'host'] })).toEqual(['host', 'none']);
    expect(await names({ type: ['builtin'] })).toEqual(['host', 'nat', 'none']);
    expect(await names({ dangling: ['true'] })).toEqual(['worker']);
    expect(await names({ dangling: { false: true } })).toEqual(['host', 'nat', 'none', 'web']);
    expect(await names({ scope: ['swarm'] })).toEqual([]);
    for (const each of (await get('/networks')).body) expect(each.Containers).toEqual({});
    await filtered('/networks', { type: ['x'] }).expect(400);
    const { body } = await filtered('/networks', { nam: ['x'] }).expect(400);
    expect(body.message).toBe("invalid filter 'nam'; did you mean name?");
  });

  it('connects and disconnects a running container', async () => {
    await make('x', { IPAM: { Config: [{ Subnet: '10.1.0.0/24' }] } });
    await make('y', { IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } });
    const id = await run('web', 'x');
    const inside = () =>
      agent.host
        .links(agent.host.listNetns('skep-')[0])
        .flatMap((link) => (link.name === 'lo' ? [] : [`${link.name} ${link.addresses.join()}`]));
    expect(inside()).toEqual(['eth0 10.1.0.2/24']);
    await post('/networks/y/connect', {
      Container: 'web',
      EndpointConfig: { IPAMConfig: { IPv4Address: '10.2.0.9' }, Aliases: ['api'], GwPriority: 3 },
    }).expect(200);
    expect(inside()).toEqual(['eth0 10.1.0.2/24', 'eth1 10.2.0.9/24']);
    expect((await get('/networks/y')).body.Containers).toEqual({
      [id]: {
        Name: 'web',
        EndpointID: expect.stringMatching(/^[0-9a-f]{64}$/),
        MacAddress: expect.stringMatching(/^02:/),
        IPv4Address: '10.2.0.9/24',
        IPv6Address: '',
      },
    });
    const again = await post('/networks/y/connect', { Container: id }).expect(403);
    expect(again.body.message).toBe('endpoint with name web already exists in network y');
    const used = await request(agent.server).delete('/networks/y').expect(403);
    expect(used.body.message).toBe(
      `error while removing network: network y has active endpoints (name:"web" id:"${id.slice(0, 12)}")`,
    );
    await post('/networks/x/disconnect', { Container: 'web' }).expect(200);
    expect(inside()).toEqual(['eth1 10.2.0.9/24']);
    const gone = await post('/networks/x/disconnect', { Container: 'web', Force: true }).expect(403);
    expect(gone.body.message).toBe(`container ${id} is not connected to network x`);
    await request(agent.server).delete('/networks/x').expect(204);
    await get('/networks/x').expect(404);
  });

  it('takes an attachment back that could not be made', async () => {
    await make('b', { IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } });
    await run('web', 'nat');
    const before = agent.store.list('container')[0]!.endpoints;
    const ip = agent.host.ip.bind(agent.host);
    vi.spyOn(agent.host, 'ip').mockImplementation(async (lines, netns) => {
      if (lines.some((line) => line.includes('veth'))) throw conflict('the kernel has had enough links');
      return ip(lines, netns);
    });
    const { body } = await post('/networks/b/connect', { Container: 'web' }).expect(409);
    expect(body.message).toBe('the kernel has had enough links');
    expect(agent.store.list('container')[0]!.endpoints).toEqual(before);
  });

  it('connects a container that does not run, and changes its attachment', async () => {
    await make('b', { IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } });
    await run('made', 'nat', { start: false });
    await post('/networks/b/connect', { Container: 'made' }).expect(200);
    await post('/networks/b/connect', {
      Container: 'made',
      EndpointConfig: { IPAMConfig: { IPv4Address: '10.2.0.77' } },
    }).expect(200);
    expect((await get('/networks/b')).body.Containers).toEqual({});
    await post('/containers/made/start').expect(204);
    expect(Object.values((await get('/networks/b')).body.Containers)).toMatchObject([{ IPv4Address: '10.2.0.77/24' }]);
  });

  it('names the first interface eth0, whatever was attached before the start', async () => {
    await make('b', { IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } });
    await run('made', 'nat', { start: false });
    // What docker-compose 1 does with each container.
    await post('/networks/nat/disconnect', { Container: 'made' }).expect(200);
    await post('/networks/b/connect', { Container: 'made' }).expect(200);
    await post('/containers/made/start').expect(204);
    const links = agent.host.links(agent.host.listNetns('skep-')[0]);
    expect(links.map(({ name }) => name)).toEqual(['lo', 'eth0']);
  });

  it.each([
    ['nope', { Container: 'web' }, 404, 'network nope not found'],
    ['b', { Container: 'nope' }, 404, 'No such container: nope'],
    ['b', {}, 400, 'name or ID is empty'],
    [
      'host',
      { Container: 'web' },
      400,
      'container cannot be disconnected from host network or connected to host network',
    ],
    ['none', { Container: 'web' }, 400, 'in private (none) mode'],
    ['b', { Container: 'alone' }, 400, 'in private (none) mode'],
    ['b', { Container: 'sharer' }, 400, 'container sharing network namespace with another container or host'],
    ['b', { Container: 'web', EndpointConfig: { MacAddress: 'zz' } }, 400, 'invalid MacAddress "zz"'],
    [
      'b',
      { Container: 'web', EndpointConfig: { DriverOpts: { [IF_NAME]: 'lo' } } },
      400,
      'invalid interface name "lo"',
    ],
    [
      'b',
      { Container: 'web', EndpointConfig: { DriverOpts: { [IF_NAME]: '../x' } } },
      400,
      'invalid interface name "../x"',
    ],
    ['b', { Container: 'web', EndpointConfig: { Links: ['nope:x'] } }, 404, 'No such container: nope'],
    ['b', { Container: 'web', EndpointConfig: { IPAMConfig: { IPv4Address: 'x' } } }, 400, 'x is not an IP address'],
    ['b', { Container: 'web', EndpointConfig: { IPAMConfig: { IPv4Address: '10.3.0.1' } } }, 400, '10.3.0.1'],
  ])('refuses to connect to %s: %j', async (network, body, status, message) => {
    await make('b', { IPAM: { Config: [{ Subnet: '10.2.0.0/24' }] } });
    await run('web', 'nat', { start: false });
    await run('alone', 'none', { start: false });
    await run('sharer', 'container:web', { start: false });
    const response = await post(`/networks/${network}/connect`, body).expect(status);
    expect(response.body.message).toContain(message);
  });

  it('lets a container of mode none leave and join none again before its start, as who makes it anew has it do', async () => {
    await run('alone', 'none', { start: false });
    await post('/networks/none/disconnect', { Container: 'alone' }).expect(200);
    await post('/networks/none/connect', { Container: 'alone' }).expect(200);
    await post('/containers/alone/start').expect(204);
    await post('/networks/none/connect', { Container: 'alone' }).expect(400);
  });

  it('removes what exists and is nobody’s, and says why it does not', async () => {
    await make('x');
    await request(agent.server).delete('/networks/x').expect(204);
    for (const name of ['nat', 'host', 'none']) {
      const { body } = await request(agent.server).delete(`/networks/${name}`).expect(403);
      expect(body.message).toBe(`${name} is a pre-defined network and cannot be removed`);
    }
    await request(agent.server).delete('/networks/x').expect(404);
  });

  it('does not start a container whose network went while it was stopped', async () => {
    const { Id } = await make('x');
    await run('box', 'x');
    await post('/containers/box/stop').expect(204);
    await request(agent.server).delete('/networks/x').expect(204);
    const { body } = await post('/containers/box/start').expect(404);
    expect(body.message).toContain(`network ${Id} not found`);
  });

  it('prunes what is not in use, by label and age', async () => {
    await make('used');
    await make('kept', { Labels: { keep: '' } });
    await make('old', { Labels: { stage: 'test' } });
    await run('box', 'used');
    const prune = async (filters: object) =>
      (await post('/networks/prune').query({ filters: JSON.stringify(filters) })).body;
    expect(await prune({ until: ['1h'] })).toEqual({ NetworksDeleted: null });
    expect(await prune({ label: ['stage=prod'] })).toEqual({ NetworksDeleted: null });
    expect(await prune({ 'label!': ['keep'] })).toEqual({ NetworksDeleted: ['old'] });
    expect(await prune({ label: ['keep'], until: [String(Date.now() / 1000 + 5)] })).toEqual({
      NetworksDeleted: ['kept'],
    });
    expect(await names({})).toEqual(['host', 'nat', 'none', 'used']);
    await post('/networks/prune').query({ filters: '{"until":["x"]}' }).expect(400);
    await post('/networks/prune').query({ filters: '{"name":["x"]}' }).expect(400);
  });

  it('takes subnets from the default address pools where they are set', async () => {
    const pooled = await TestAgent.open({
      bridge: 'none',
      defaultAddressPools: [{ base: '10.77.0.0/16', size: 24 }],
    });
    try {
      await request(pooled.server).post('/networks/create').send({ Name: 'p' }).expect(201);
      const { body } = await request(pooled.server).get('/networks/p').expect(200);
      expect(body.IPAM.Config).toEqual([{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' }]);
      const own = { Name: 'nat', Driver: 'nat', IPAM: { Config: [{ Subnet: '172.16.0.0/16' }] } };
      await request(pooled.server).post('/networks/create').send(own).expect(201);
    } finally {
      await pooled.close();
    }
  });

  it('follows a container that ends by itself', async () => {
    const id = await run('box', 'nat');
    expect(Object.keys((await get('/networks/nat')).body.Containers)).toEqual([id]);
    await post('/containers/box/kill').expect(204);
    await waitFor(async () => Object.keys((await get('/networks/nat')).body.Containers).length === 0, {
      ms: 5_000,
      what: 'the endpoint is not active any more',
    });
  });
});
