import { setTimeout as really } from 'node:timers/promises';
import request, { type Test } from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SkepError, waitFor } from '#lib/common';
import { Problems } from '../reconciler/problems.js';
import { PATIENCE } from '../reconciler/watch.js';
import { TestAgent } from '../testing/test-agent.js';
import { UPLINK } from '../testing/uplink.js';
import { ContainersService } from './containers.service.js';

describe('a container whose network cannot be made, since its uplink is gone', () => {
  let agent: TestAgent;
  let lan: string;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    agent = await TestAgent.open();
    await agent.host.ip(UPLINK);
    const IPAM = { Config: [{ Subnet: '192.0.2.0/24', Gateway: '192.0.2.1' }] };
    const made = await post('/networks/create', { Name: 'lan', Driver: 'transparent', IPAM }).expect(201);
    lan = (made.body as { Id: string }).Id;
  });
  afterEach(async () => {
    vi.useRealTimers();
    await agent.close();
  });

  const post = (path: string, body: object = {}) => request(agent.server).post(path).send(body);
  const create = (NetworkMode: string) =>
    post('/containers/create?name=web', { Image: 'demo', Cmd: ['serve'], HostConfig: { NetworkMode } });
  const unplug = () => agent.host.ip([['link', 'del', 'dev', 'eth0']]);
  const row = () => agent.store.list('container').find(({ name }) => name === 'web');
  const namespaces = () => agent.host.listNetns('').length;
  const problem = () => agent.application.app.get(Problems).ofNetwork(lan);
  /** The answer to a request, in a time that runs fast. */
  const answerTo = async (asked: Test) => {
    const answer: { status?: number; message?: string } = {};
    void asked.then(({ status, body }) => Object.assign(answer, { status, ...(body as object) }));
    for (const end = Date.now() + 4_000; answer.status === undefined && Date.now() < end; await really(10)) {
      await vi.advanceTimersByTimeAsync(PATIENCE / 30);
    }
    return answer;
  };
  const told = {
    code: 'unavailable',
    status: 503,
    message: expect.stringMatching(/^network lan: interface eth0 is gone.*skep network rescan/),
  };

  it('is not made, and nothing of it stays', async () => {
    const before = namespaces();
    await unplug();
    expect(await answerTo(create('lan'))).toEqual(told);
    await waitFor(() => row() === undefined, { ms: 5_000, what: 'it is gone' });
    expect(namespaces()).toBe(before);
  });

  it('is not started', async () => {
    await create('lan').expect(201);
    await unplug();
    expect(await answerTo(post('/containers/web/start'))).toEqual(told);
    expect(row()?.target).toBe('stopped');
  });

  it('is told at once of what trying again will not mend', async () => {
    await post('/networks/create', { Name: 'back' }).expect(201);
    const { linkName } = agent.store.list('network').find(({ name }) => name === 'back')!;
    await agent.host.ip([['link', 'del', 'dev', linkName]]);
    vi.spyOn(agent.host, 'ip').mockRejectedValue(new SkepError('internal', 'the kernel does not want it'));
    const { body } = await create('back').expect(500);
    expect((body as { message: string }).message).toBe('the kernel does not want it');
    vi.restoreAllMocks();
  });

  it('goes on without it where it runs', async () => {
    await create('nat').expect(201);
    await post('/containers/web/start').expect(204);
    await unplug();
    expect(await answerTo(post('/networks/lan/connect', { Container: 'web' }))).toEqual(told);
    expect(row()).toMatchObject({ target: 'running', endpoints: [{ ifName: 'eth0' }] });
  });

  it('is waited for by whoever has time, and comes up with its network', async () => {
    await create('lan').expect(201);
    await unplug();
    const started = agent.application.app.get(ContainersService).start('web', { patient: true });
    await waitFor(() => row()?.target === 'running' && problem(), { ms: 5_000, what: 'the network is waited for' });
    await vi.advanceTimersByTimeAsync(2 * PATIENCE);
    expect(row()?.target).toBe('running');
    await agent.host.ip(UPLINK);
    expect(await started).toBe(true);
  });
});
