import type { Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

const pick = (shown: { State: { Status: string }; RestartCount: number }) => ({
  Status: shown.State.Status,
  RestartCount: shown.RestartCount,
});

describe('containers through the Engine API', () => {
  let agent: TestAgent;
  let server: Server;

  beforeEach(async () => {
    agent = await TestAgent.open();
    ({ server } = agent);
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(server).post(`/containers/${path}`).send(body);
  const create = async (name: string, body: object = {}): Promise<string> => {
    const answer = await post(`create?name=${name}`, { Image: 'demo', Cmd: ['serve'], ...body }).expect(201);
    return (answer.body as { Id: string }).Id;
  };
  const run = async (name: string, body: object = {}): Promise<string> => {
    const id = await create(name, body);
    await post(`${name}/start`).expect(204);
    return id;
  };
  const inspect = async (name: string) => (await request(server).get(`/containers/${name}/json`).expect(200)).body;
  const published = (hostPort: string, hostIp = '') => ({
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: hostIp, HostPort: hostPort }] } },
  });
  const engineId = (id: string) => agent.engine.list(`io.skep.container=${id}`).then(([one]) => one!.engineId);

  it.each<[body: object, status: number, message: RegExp]>([
    [{ Image: 'nope' }, 404, /^No such image: nope:latest$/],
    [{ Image: 'No:!' }, 400, /^invalid reference format: repository name \(No(:!)?\) must be lowercase$/],
    [{ ExposedPorts: { '99999/tcp': {} } }, 400, /^invalid port "99999\/tcp": expected PORT\/PROTOCOL/],
    [{ Image: undefined }, 400, /^no command specified$/],
    [{ Cmd: [] }, 400, /^no command specified$/],
    [{ HostConfig: { NetworkMode: 'nope' } }, 400, /^network nope not found$/],
    [{ HostConfig: { NetworkMode: 'container:nope' } }, 400, /^No such container: nope$/],
    [
      { Hostname: 'h', HostConfig: { NetworkMode: 'container:x' } },
      400,
      /^conflicting options: hostname and the network/,
    ],
    [{ StopSignal: 'SIGNOPE' }, 400, /^invalid signal: SIGNOPE$/],
    [{ WorkingDir: 'here' }, 400, /^the working directory 'here' is invalid/],
    [{ Hostname: 'a\nb' }, 400, /^invalid hostname format/],
    [{ Healthcheck: { Test: ['CMD', 'x'], Interval: 5 } }, 400, /^Interval in Healthcheck cannot be less than 1ms$/],
    [{ HostConfig: { Memory: 5 } }, 400, /^Minimum memory limit allowed is 6MB$/],
    [{ HostConfig: { Memory: 'much' } }, 400, /HostConfig\.Memory/],
    [{ HostConfig: { Binds: ['/a:b'] } }, 400, /^invalid volume specification: '\/a:b'.*must be absolute$/],
    [
      { HostConfig: { Mounts: [{ Type: 'bind', Source: '/nowhere/at/all', Target: '/x' }] } },
      400,
      /^invalid mount config for type "bind": bind source path does not exist/,
    ],
    [{ HostConfig: { ExtraHosts: ['a'] } }, 400, /^bad format for add-host: "a"/],
    [{ HostConfig: { Dns: ['a\nb'] } }, 400, /^invalid nameserver address/],
    [{ HostConfig: { RestartPolicy: { Name: 'never' } } }, 400, /unknown policy 'never'/],
    [
      { HostConfig: { AutoRemove: true, RestartPolicy: { Name: 'always' } } },
      400,
      /^can't create 'AutoRemove' container with restart policy$/,
    ],
    [published('99999'), 400, /^invalid port specification: "99999"/],
    [published('80', 'here'), 400, /^invalid IP address: here/],
    [published('80', '::1'), 501, /^a port cannot be published on ::1/],
    [published('80', '::'), 400, /the container has no IPv6 address/],
  ])('refuses to create %j', async (body, status, message) => {
    const answer = await post('create', { Image: 'demo', Cmd: ['serve'], ...body }).expect(status);
    expect((answer.body as { message: string }).message).toMatch(message);
    expect(agent.store.list('container')).toEqual([]);
  });

  it('refuses names that are none, and one that is taken, with its holder', async () => {
    const id = await create('web');
    await post('create?name=-x', { Image: 'demo', Cmd: ['serve'] }).expect(400);
    const { body } = await post('create?name=web', { Image: 'demo', Cmd: ['serve'] }).expect(409);
    expect(body.message).toBe(
      `Conflict. The container name "/web" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  });

  it('refuses a body of another type, as Docker does', async () => {
    const sent = request(server).post('/containers/create').set('Content-Type', 'text/plain').send('{"Image":"demo"}');
    expect((await sent.expect(400)).body.message).toBe(
      "unsupported Content-Type header (text/plain): must be 'application/json'",
    );
    await create('web');
    await request(server).post('/containers/web/start').set('Content-Type', 'text/plain').send('').expect(204);
  });

  it('warns of ports that the network of the node makes meaningless', async () => {
    const body = { Image: 'demo', Cmd: ['serve'], ...published('8080') };
    const host = { ...body, HostConfig: { ...body.HostConfig, NetworkMode: 'host' } };
    const answer = await post('create?name=web', host).expect(201);
    expect(answer.body.Warnings).toEqual(['Published ports are discarded when using host network mode']);
    await request(server).post('/networks/create').send({ Name: 'inside', Internal: true }).expect(201);
    const inside = { ...body, HostConfig: { ...body.HostConfig, NetworkMode: 'inside' } };
    const { Warnings } = (await post('create?name=shut', inside).expect(201)).body as { Warnings: string[] };
    expect(Warnings).toEqual([
      "container shut: port 8080:80 is not published: inside (internal) is not behind this node; use the container's own address",
    ]);
    expect((await post('create?name=open', body).expect(201)).body.Warnings).toEqual([]);
  });

  it('starts and stops once, and says when there was nothing to do', async () => {
    await create('web');
    await post('web/start').expect(204);
    await post('web/start').expect(304);
    await post('web/stop?t=-1').expect(204);
    await post('web/stop').expect(304);
    await post('web/stop?t=soon').expect(400);
    await post('web/restart').expect(204);
    await post('nobody/start').expect(404);
  });

  it('sends signals by name and number, to what runs alone', async () => {
    await run('web');
    for (const signal of ['HUP', 'sighup', '1', 'SIGRTMIN+3'])
      await post(`web/kill?signal=${encodeURIComponent(signal)}`).expect(204);
    const odd = await post('web/kill?signal=NOPE').expect(400);
    expect(odd.body.message).toBe('invalid signal: NOPE');
    await post('web/kill').expect(204);
    const { State } = await inspect('web');
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 137 });
    const late = await post('web/kill').expect(409);
    expect(late.body.message).toMatch(/^cannot kill container: web: container [0-9a-f]{64} is not running$/);
  });

  it('pauses and resumes, and refuses the rest meanwhile', async () => {
    const id = await run('web');
    await post('web/pause').expect(204);
    expect((await inspect('web')).State).toMatchObject({ Status: 'paused', Running: true, Paused: true });
    expect((await post('web/pause').expect(409)).body.message).toBe(`Container ${id} is already paused`);
    await post('web/start').expect(409);
    await request(server).delete('/containers/web').expect(409);
    await post('web/unpause').expect(204);
    expect((await post('web/unpause').expect(409)).body.message).toBe(`Container ${id} is not paused`);
  });

  it('renames', async () => {
    const id = await run('web');
    await run('db');
    expect((await post('web/rename?name=').expect(400)).body.message).toBe('Neither old nor new names may be empty');
    expect((await post('web/rename?name=web').expect(400)).body.message).toMatch(/same name/);
    expect((await post('web/rename?name=db').expect(409)).body.message).toMatch(
      /^Error when allocating new name: Conflict/,
    );
    await post('web/rename?name=%2Fsite').expect(204);
    expect((await inspect('site')).Id).toBe(id);
    expect(await agent.engine.inspect(await engineId(id))).toMatchObject({ name: 'site' });
  });

  it('restarts a container that goes when it ends, which then goes when it ends', async () => {
    const id = await run('brief', { HostConfig: { AutoRemove: true } });
    const first = (await inspect('brief')).State.StartedAt;
    for (let round = 0; round < 2; round++) await post('brief/restart').expect(204);
    const { Id, State } = await inspect('brief');
    expect([Id, State.Status]).toEqual([id, 'running']);
    expect(State.StartedAt).not.toBe(first);
    await post('brief/stop').expect(204);
    await waitFor(async () => (await request(server).get('/containers/brief/json')).status === 404, {
      ms: 5_000,
      what: 'it is removed after a stop',
    });
  });

  it('changes limits of what runs now, of what is stopped at its next start, and the restart policy', async () => {
    const id = await run('web');
    await post('web/update', { Memory: 64 << 20, CpuShares: 0, RestartPolicy: { Name: 'always' } }).expect(200, {
      Warnings: [],
    });
    expect(agent.engine.updates.get(await engineId(id))).toEqual([{ Memory: 64 << 20 }]);
    await post('web/stop').expect(204);
    await post('web/update', { PidsLimit: 50 }).expect(200);
    await post('web/start').expect(204);
    expect(agent.engine.updates.get(await engineId(id))!.at(-1)).toEqual({ Memory: 64 << 20, PidsLimit: 50 });
    expect((await inspect('web')).HostConfig).toMatchObject({
      Memory: 64 << 20,
      PidsLimit: 50,
      RestartPolicy: { Name: 'always' },
    });
    expect((await post('web/update', { Memory: 7 }).expect(400)).body.message).toBe(
      'Minimum memory limit allowed is 6MB',
    );
    expect((await post('web/update', { Devices: [{}] }).expect(501)).body.message).toMatch(
      /^Devices cannot be changed/,
    );
    await post('web/update', { RestartPolicy: { Name: 'never' } }).expect(400);
  });

  it('tells what runs that its swap has no limit', async () => {
    const id = await create('web', { HostConfig: { Memory: 64 << 20, MemorySwap: -1 } });
    await post('web/start').expect(204);
    expect(agent.engine.updates.get(await engineId(id))).toEqual([{ Memory: 64 << 20, MemorySwap: -1 }]);
  });

  it('changes limits of what is paused at once', async () => {
    const id = await run('web');
    await post('web/pause').expect(204);
    await post('web/update', { PidsLimit: 50 }).expect(200);
    expect(agent.engine.updates.get(await engineId(id))).toEqual([{ PidsLimit: 50 }]);
  });

  it('holds ports while it runs, and says who has one', async () => {
    await run('web', published('8080'));
    await create('second', published('8080'));
    const { body } = await post('second/start').expect(500);
    expect(body.message).toMatch(
      /driver failed programming external connectivity on endpoint second \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated \(by container web\)$/,
    );
    expect((await inspect('second')).State.Status).toBe('created');
    await post('web/stop').expect(204);
    await post('second/start').expect(204);
    expect((await post('web/start').expect(500)).body.message).toContain('(by container second)');
    await create('local', published('8080', '127.0.0.1'));
    expect((await post('local/start').expect(500)).body.message).toContain('Bind for 127.0.0.1:8080 failed');
  });

  it('gives ports of a range and free ones at each start', async () => {
    for (const [name, port] of [
      ['first', '8000'],
      ['other', '8001'],
    ] as const) {
      await run(name, published('8000-8001'));
      expect((await inspect(name)).NetworkSettings.Ports).toEqual({
        '80/tcp': [{ HostIp: '0.0.0.0', HostPort: port }],
      });
    }
    await create('third', published('8000-8001'));
    expect((await post('third/start').expect(500)).body.message).toContain('all ports are allocated');
    await run('free', { ExposedPorts: { '53/udp': {}, '53/tcp': {} }, HostConfig: { PublishAllPorts: true } });
    const ports = (await inspect('free')).NetworkSettings.Ports as Record<string, { HostPort: string }[]>;
    expect(Object.keys(ports).sort()).toEqual(['53/tcp', '53/udp']);
    for (const [place] of Object.values(ports)) expect(Number(place!.HostPort)).toBeGreaterThan(32_767);
  });

  it('removes what is stopped, what runs by force alone, and no link', async () => {
    await run('web');
    const refused = await request(server).delete('/containers/web').expect(409);
    expect(refused.body.message).toBe(
      'cannot remove container "/web": container is running: stop the container before removing or force remove',
    );
    await request(server).delete('/containers/web?link=1').expect(501);
    await request(server).delete('/containers/web?force=1&v=1').expect(204);
    await request(server).delete('/containers/web').expect(404);
    expect(agent.store.list('container')).toEqual([]);
  });

  it('prunes what is stopped and fits, and says what that gave', async () => {
    await run('web');
    const [old, kept] = [await create('old', { Labels: { a: '1' } }), await create('kept', { Labels: { keep: '' } })];
    const prune = async (filters?: object) =>
      (await post(`prune?filters=${encodeURIComponent(filters ? JSON.stringify(filters) : '')}`).expect(200)).body;
    expect(await prune({ until: ['1h'] })).toEqual({ ContainersDeleted: null, SpaceReclaimed: 0 });
    expect(await prune({ 'label!': ['keep'] })).toEqual({ ContainersDeleted: [old], SpaceReclaimed: 1_000 });
    expect(await prune()).toEqual({ ContainersDeleted: [kept], SpaceReclaimed: 1_000 });
    await post(`prune?filters=${encodeURIComponent('{"colour":["red"]}')}`).expect(400);
  });

  it('restarts by policy, and not after somebody ended it', async () => {
    const id = await run('web', { HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } } });
    const becomes = (want: object) =>
      waitFor(async () => isDeepStrictEqual(pick(await inspect('web')), want), {
        ms: 10_000,
        what: JSON.stringify(want),
      });
    agent.engine.exit(await engineId(id), 3);
    await becomes({ Status: 'running', RestartCount: 1 });
    agent.engine.exit(await engineId(id), 3);
    await becomes({ Status: 'exited', RestartCount: 1 });
    const other = await run('other', { HostConfig: { RestartPolicy: { Name: 'always' } } });
    await post('other/kill').expect(204);
    expect((await inspect('other')).State).toMatchObject({ Status: 'exited', Restarting: false });
    await run('own', { StopSignal: 'SIGUSR1', HostConfig: { RestartPolicy: { Name: 'always' } } });
    await post('own/kill?signal=HUP').expect(204);
    expect(agent.store.get('status', (await inspect('own')).Id)?.value.signalled).toBeUndefined();
    expect(agent.store.get('status', other)?.value.finished).toBe(true);
  }, 20_000);

  it('keeps its word when several do different things at once', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => create(name)));
    const calls = names.flatMap((name) => [
      post(`${name}/start`),
      post(`${name}/stop?t=0`),
      post(`${name}/start`),
      post(`${name}/restart?t=0`),
      request(server).delete(`/containers/${name}?force=1`),
      request(server).delete(`/containers/${name}?force=1`),
    ]);
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => ![204, 304, 404, 409].includes(status))).toEqual([]);
    await waitFor(() => agent.store.list('container').length === 0, { ms: 5000, what: 'all are gone' });
    expect(await agent.engine.list('io.skep.container')).toEqual([]);
  });

  it('gives a taken name to one of many', async () => {
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => post('create?name=one', { Image: 'demo', Cmd: ['serve'] })),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });
});
