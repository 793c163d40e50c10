import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkPlanView, ProgressEvent } from '#lib/contracts';
import { TestAgent } from '../testing/test-agent.js';
import { UPLINK } from '../testing/uplink.js';

describe('what a create would make of a network', () => {
  let agent: TestAgent;
  beforeEach(async () => {
    agent = await TestAgent.open();
    await agent.host.ip(UPLINK);
  });
  afterEach(() => agent.close());

  const plan = (body: object) =>
    request(agent.server)
      .post('/skep/v1/networks/plan')
      .send({ Name: 'p', ...body });
  const says = ({ effects }: NetworkPlanView) => effects.map((each) => each.says).join('\n');
  const segment = { IPAM: { Config: [{ Subnet: '192.0.2.0/24', Gateway: '192.0.2.1' }] } };

  it('nat: a bridge, a subnet that is free, masquerading; and nothing is made', async () => {
    const { body } = await plan({}).expect(200);
    expect(body).toMatchObject({ driver: 'nat', addresses: 'leased', pools: [{ subnet: '172.31.224.0/20' }] });
    expect(says(body)).toContain(`bridge ${body.linkName}, addresses 172.31.224.1/20`);
    expect(says(body)).toContain('masqueraded');
    expect(says((await plan({ Internal: true })).body)).not.toContain('masqueraded');
    expect(agent.store.list('network').map(({ name }) => name)).not.toContain('p');
    expect(agent.host.ran.filter(({ line }) => line.includes(body.linkName))).toEqual([]);
  });

  it.each([
    ['transparent', {}, 'dhcp', 'a macvlan on eth0'],
    ['transparent', segment, 'leased', 'a macvlan on eth0'],
    ['l2bridge', segment, 'leased', 'stay on the node'],
    ['l2tunnel', segment, 'leased', 'has to send them back'],
  ])('%s %j: on the uplink', async (Driver, body, addresses, effect) => {
    const answer = await plan({ Driver, ...body }).expect(200);
    expect(answer.body).toMatchObject({ driver: Driver, uplink: 'eth0', addresses });
    expect(says(answer.body)).toContain(effect);
  });

  it('says which VLAN, and warns as the create does', async () => {
    const shim = 'com.docker.network.windowsshim';
    const { body } = await plan({
      Driver: 'transparent',
      Options: { [`${shim}.vlanid`]: '7', [`${shim}.hnsid`]: 'x' },
    });
    expect(body).toMatchObject({ vlan: 7, warnings: [expect.stringContaining('hnsid')] });
    expect(says(body)).toContain('VLAN 7 on eth0');
  });

  it('is bound as Docker’s macvlan is, whose options are shown as they were given', async () => {
    const options = { parent: 'eth0.7', macvlan_mode: 'bridge' };
    const macvlan = { Driver: 'macvlan', Options: options };
    expect((await plan(macvlan).expect(200)).body).toMatchObject({ uplink: 'eth0', vlan: 7, warnings: [] });
    await request(agent.server)
      .post('/networks/create')
      .send({ Name: 'lan', ...macvlan })
      .expect(201);
    const { body } = await request(agent.server).get('/networks/lan').expect(200);
    expect(body).toMatchObject({ Driver: 'macvlan', Options: options });
    const private_ = { Driver: 'macvlan', Options: { macvlan_mode: 'private' } };
    expect((await plan(private_).expect(501)).body.message).toContain('macvlan_mode=private');
  });

  it.each([
    ['another interface', { interface: 'eth1' }],
    ['a VLAN', { vlanid: '7' }],
    ['a VLAN of another interface', { interface: 'eth1', vlanid: '8' }],
  ])('a segment by %s may have the subnet that this one has', async (_what, options) => {
    await agent.host.ip([['link', 'add', 'name', 'eth1', 'type', 'dummy']]);
    const { body: lan } = await request(agent.server)
      .post('/networks/create')
      .send({ Name: 'lan', Driver: 'transparent', ...segment });
    expect(lan.Id).toBeDefined();
    const Options = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [`com.docker.network.windowsshim.${key}`, value]),
    );
    const { body } = await plan({ Driver: 'transparent', ...segment, Options }).expect(200);
    expect(body.pools).toMatchObject([{ subnet: '192.0.2.0/24' }]);
  });

  it('a subnet that this node routes itself is refused on a segment, and the other way round', async () => {
    const own = { IPAM: { Config: [{ Subnet: '172.31.240.0/24' }] } };
    const refused = await plan({ Driver: 'transparent', ...own }).expect(409);
    expect(refused.body.message).toContain('overlaps network nat');
    await request(agent.server)
      .post('/networks/create')
      .send({ Name: 'lan', Driver: 'transparent', IPAM: { Config: [{ Subnet: '10.1.0.0/24' }] } })
      .expect(201);
    expect((await plan({ IPAM: { Config: [{ Subnet: '10.1.0.0/16' }] } }).expect(409)).body.message).toContain(
      'overlaps network lan',
    );
  });

  it.each([
    [{ Driver: 'l2bridge' }, 400, 'needs a subnet and a gateway'],
    [{ Name: 'nat' }, 409, 'network with name nat already exists'],
    [{ IPAM: { Config: [{ Subnet: '192.0.2.0/25' }] } }, 409, 'overlaps'],
    [{ Options: { 'com.docker.network.windowsshim.vlanid': '7' } }, 400, 'a nat network is not bound to an interface'],
  ])('refuses what the create refuses: %j', async (body, status, message) => {
    const planned = await plan(body);
    const made = await request(agent.server)
      .post('/networks/create')
      .send({ Name: 'p', ...body });
    expect([planned.status, planned.body.message]).toEqual([status, expect.stringContaining(message)]);
    expect([made.status, made.body.message]).toEqual([planned.status, planned.body.message]);
  });

  it('is part of the dry run of a project, once: what is there already is not planned', async () => {
    const model = {
      name: 'shop',
      services: { web: { image: 'demo', networks: { default: null } } },
      networks: { default: { name: 'shop_default' } },
    };
    const up = async (dryRun: boolean) => {
      const body = { model, workingDir: '/', configFiles: [], dryRun };
      const { text } = await request(agent.server).post('/skep/v1/projects/shop/up').send(body).buffer(true);
      const events = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as ProgressEvent);
      return events.find((event) => event.type === 'plan')?.networks;
    };
    expect(await up(true)).toMatchObject([{ name: 'shop_default', driver: 'nat', pools: [{}] }]);
    await up(false);
    expect(await up(true)).toBeUndefined();
  });
});
