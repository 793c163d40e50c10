import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';
import { Attachable } from './attachable.js';

/** What `docker start -a` does: it attaches to a container that has ended, and then starts it. */
describe('a container that has ended and is attached to before its start', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
    const IPAM = { Config: [{ Subnet: '10.7.0.0/24' }] };
    await request(agent.server).post('/networks/create').send({ Name: 'back', IPAM }).expect(201);
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);
  const run = async (name: string, HostConfig: object, IPv4Address?: string): Promise<string> => {
    const EndpointsConfig = { back: { IPAMConfig: { IPv4Address } } };
    const body = { Image: 'demo', Cmd: ['serve'], HostConfig, NetworkingConfig: { EndpointsConfig } };
    const { Id } = (await post(`create?name=${name}`, body).expect(201)).body as { Id: string };
    await post(`${name}/start`).expect(204);
    return Id;
  };
  const stop = async (id: string) => {
    await post(`${id}/stop`).expect(204);
    const ended = () => agent.store.get('status', id)?.value.endedAt !== undefined;
    await waitFor(ended, { ms: 5_000, what: 'its end is accounted for' });
  };
  const attach = (name: string) => agent.application.app.get(Attachable).ready(name);
  const row = (id: string) => agent.store.get('container', id)?.value;
  const namespaces = () => agent.host.listNetns('').filter((name) => name.includes('skep'));

  it('is refused an address that was given to another one meanwhile, before anything is on the wire', async () => {
    const first = await run('first', { NetworkMode: 'back' }, '10.7.0.9');
    await stop(first);
    const without = namespaces();
    await run('second', { NetworkMode: 'back' }, '10.7.0.9');
    const before = namespaces();
    expect(before).toHaveLength(without.length + 1);
    await expect(attach('first')).rejects.toThrow(
      'Address already in use: 10.7.0.9 of container first was given to container second while it was stopped',
    );
    expect([row(first)?.target, namespaces()]).toEqual(['stopped', before]);
  });

  it('gets another address in the place of one that it never asked for, with the same MAC', async () => {
    const first = await run('first', { NetworkMode: 'back' });
    const [before] = row(first)!.endpoints;
    await stop(first);
    await run('second', { NetworkMode: 'back' }, before!.ipv4);
    await attach('first');
    const [after] = row(first)!.endpoints;
    expect(after).toEqual({ ...before, ipv4: '10.7.0.3' });
    await post('first/start').expect(204);
    expect(row(first)!.endpoints).toEqual([after]);
  });

  it('gives everything back when its start fails', async () => {
    const published = { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } };
    const first = await run('first', { NetworkMode: 'back', ...published });
    await stop(first);
    await run('second', { NetworkMode: 'back', ...published });
    const before = namespaces();
    await attach('first');
    expect([row(first)?.target, namespaces().length]).toEqual(['created', before.length + 1]);
    await post('first/start').expect(500);
    expect(row(first)?.target).toBe('stopped');
    await waitFor(() => namespaces().length === before.length, { ms: 5_000, what: 'its namespace is gone' });
  });

  it('stays as it was made when its first start fails', async () => {
    const published = { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } };
    await run('first', { NetworkMode: 'back', ...published });
    const body = { Image: 'demo', Cmd: ['serve'], HostConfig: { NetworkMode: 'back', ...published } };
    const { Id } = (await post('create?name=second', body).expect(201)).body as { Id: string };
    await attach('second');
    await post('second/start').expect(500);
    expect(row(Id)?.target).toBe('created');
  });
});
