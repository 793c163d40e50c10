import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unavailable, waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';

describe('the address of a container that leaves a network', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
    const IPAM = { Config: [{ Subnet: '10.7.0.0/24' }] };
    await request(agent.server).post('/networks/create').send({ Name: 'back', IPAM }).expect(201);
    await create('old');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await agent.close();
  });

  const create = async (name: string, IPv4Address?: string) => {
    const EndpointsConfig = { back: { IPAMConfig: { IPv4Address } } };
    const body = {
      Image: 'demo',
      Cmd: ['serve'],
      HostConfig: { NetworkMode: 'back' },
      NetworkingConfig: { EndpointsConfig },
    };
    const made = request(agent.server).post(`/containers/create?name=${name}`).send(body).expect(201);
    void made.then(() => undefined);
    await waitFor(() => row(name), { ms: 5_000, what: 'its row' });
    const { ipv4 } = row(name)!.endpoints[0]!;
    // Who gets the address of another one waits for that one to go.
    vi.restoreAllMocks();
    await made;
    return ipv4;
  };
  const removeSlowly = async () => {
    const { value } = agent.store.get('container', row('old')!.id)!;
    vi.spyOn(agent.engine, 'remove').mockRejectedValue(unavailable('another container is in its namespace'));
    await agent.store.commit([{ op: 'put', kind: 'container', value: { ...value, name: 'gone', target: 'removed' } }]);
  };
  const disconnectSlowly = async () => {
    const ip = agent.host.ip.bind(agent.host);
    vi.spyOn(agent.host, 'ip').mockImplementation(async (lines, netns) => {
      if (lines.some(([, verb]) => verb === 'del')) throw unavailable('not now');
      return ip(lines, netns);
    });
    const left = request(agent.server).post('/networks/back/disconnect').send({ Container: 'old' }).expect(200);
    void left.then(() => undefined);
    await waitFor(() => row('old')?.leaving, { ms: 5_000, what: 'it leaves' });
    return left;
  };
  const row = (name: string) => agent.store.list('container').find((each) => each.name === name);

  it('is chosen for nobody else while the container goes', async () => {
    await removeSlowly();
    expect(await create('new')).toBe('10.7.0.3');
  });

  it('is given to who asks for it', async () => {
    await removeSlowly();
    expect(await create('new', '10.7.0.2')).toBe('10.7.0.2');
  });

  it('is chosen for whoever comes once it has rested, where the container had ended by itself before it left', async () => {
    const { id } = row('old')!;
    await request(agent.server).post('/containers/old/start').expect(204);
    const [seen] = await agent.engine.list('io.skep.container');
    agent.engine.exit(seen!.engineId, 0);
    await waitFor(() => agent.store.get('status', id)?.value.finished, { ms: 5_000, what: 'its end' });
    await request(agent.server).post('/networks/back/disconnect').send({ Container: 'old' }).expect(200);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    expect(await create('new')).toBe('10.7.0.2');
  });

  it('is chosen for nobody else while its link goes, and for whoever comes once it has rested', async () => {
    const left = disconnectSlowly();
    await waitFor(() => row('old')?.leaving, { ms: 5_000, what: 'it leaves' });
    expect(row('old')!.leaving![0]).not.toHaveProperty('gone');
    expect(await create('new')).toBe('10.7.0.3');
    await left;
    expect(row('old')!.leaving).toMatchObject([{ ipv4: '10.7.0.2', gone: true }]);
    const rested = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    expect(await create('third')).toBe('10.7.0.2');
    rested.mockRestore();
  });
});
