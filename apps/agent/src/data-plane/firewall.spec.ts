import request from 'supertest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { waitFor } from '#lib/common';
import { LABELS } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { NODE, type Node } from '../node/tokens.js';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => {
  agent = await TestAgent.open();
  await agent.host.ip([
    ['link', 'add', 'name', 'eth0', 'address', '52:54:00:12:34:56', 'type', 'dummy'],
    ['addr', 'add', '192.0.2.1/24', 'dev', 'eth0'],
    ['link', 'set', 'dev', 'eth0', 'up'],
  ]);
});
afterEach(() => agent.close());

const post = (path: string) => request(agent.server).post(`/v1.51${path}`);

async function network(Name: string, Driver: string, Subnet: string): Promise<void> {
  const Options = Driver === 'nat' ? {} : { 'com.docker.network.windowsshim.interface': 'eth0' };
  await post('/networks/create')
    .send({ Name, Driver, Options, IPAM: { Config: [{ Subnet, Gateway: Subnet.replace('.0/24', '.254') }] } })
    .expect(201);
}

async function run(name: string, on: string, IPv4Address: string, more: object = {}): Promise<void> {
  const { body } = await post(`/containers/create?name=${name}`)
    .send({
      Image: 'demo',
      Cmd: ['idle'],
      HostConfig: { NetworkMode: on, ...more },
      NetworkingConfig: { EndpointsConfig: { [on]: { IPAMConfig: { IPv4Address } } } },
    })
    .expect(201);
  await post(`/containers/${body.Id}/start`).expect(204);
}

async function engineId(name: string): Promise<string> {
  return (await agent.engine.list(LABELS.container)).find((each) => each.name === name)!.engineId;
}

/** Elements of a map or set as the kernel has them now. */
function elements(family: 'inet' | 'netdev', name: RegExp): string | undefined {
  const { names } = agent.application.app.get<Node>(NODE);
  const text = JSON.stringify(agent.host.nftTable(family, names.nftTable) ?? []).replaceAll('\\"', '"');
  return new RegExp(`${name.source} \\{[^}]*?elements = \\{ ([^}]*?) \\}`).exec(text)?.[1];
}
const until = (family: 'inet' | 'netdev', name: RegExp, wanted: string | undefined) =>
  waitFor(() => elements(family, name) === wanted, { ms: 5_000, what: `${name.source} is ${wanted}` });

const PublishedAt8080 = {
  PortBindings: { '80/tcp': [{ HostPort: '8080' }] },
};

it('gives the port of a container that has ended to the next one', async () => {
  await network('one', 'nat', '172.20.0.0/24');
  await run('first', 'one', '172.20.0.10', PublishedAt8080);
  await until('inet', /map ports4/, 'tcp . 8080 : 172.20.0.10 . 80');
  agent.engine.exit(await engineId('first'), 0);
  await until('inet', /map ports4/, undefined);
  await run('second', 'one', '172.20.0.11', PublishedAt8080);
  await until('inet', /map ports4/, 'tcp . 8080 : 172.20.0.11 . 80');
});

it('leaves the port of a container that is between two runs', async () => {
  await network('one', 'nat', '172.20.0.0/24');
  await run('web', 'one', '172.20.0.10', { ...PublishedAt8080, RestartPolicy: { Name: 'always' } });
  const seen = new Set<string | undefined>();
  const { nft } = agent.host;
  agent.host.nft = (...text) => {
    nft.apply(agent.host, text);
    seen.add(elements('inet', /map ports4/));
  };
  const before = (await agent.engine.inspect(await engineId('web')))!.startedAt;
  agent.engine.exit(await engineId('web'), 1);
  const again = async () => {
    const { state, startedAt } = (await agent.engine.inspect(await engineId('web')))!;
    return state === 'running' && startedAt !== before;
  };
  await waitFor(again, { ms: 5_000, what: 'it runs again' });
  expect([...seen, elements('inet', /map ports4/)]).not.toContain(undefined);
});

it('lets who is behind the node be seen on a transparent network by the address that the node has there', async () => {
  await network('lan', 'transparent', '192.0.2.0/24');
  const { linkName } = agent.store.list('network').find(({ name }) => name === 'lan')!;
  await until('inet', /map via4/, `"${linkName}" : 192.0.2.1`);
  await agent.host.ip([
    ['addr', 'del', '192.0.2.1/24', 'dev', 'eth0'],
    ['addr', 'add', '192.0.2.77/24', 'dev', 'eth0'],
  ]);
  await until('inet', /map via4/, `"${linkName}" : 192.0.2.77`);
  await agent.host.ip([['addr', 'del', '192.0.2.77/24', 'dev', 'eth0']]);
  await until('inet', /map via4/, undefined);
});

it('asks the kernel for rules of a family only where a network needs them', async () => {
  await agent.close();
  const written = vi.spyOn(FakeHost.prototype, 'nft');
  agent = await TestAgent.open();
  await agent.host.ip([['link', 'add', 'name', 'eth0', 'type', 'dummy']]);
  const tables = () =>
    new Set(written.mock.calls.flatMap(([text, netns]) => (netns ? [] : (text.match(/(?<=^add table )\w+/gm) ?? []))));
  await network('one', 'nat', '172.20.0.0/24');
  expect(tables()).toEqual(new Set(['inet']));
  await network('lan', 'l2bridge', '192.0.2.0/24');
  await waitFor(() => tables().size === 3, { ms: 5_000, what: 'the rules of the segment are written' });
  expect(tables()).toEqual(new Set(['inet', 'bridge', 'netdev']));
  written.mockRestore();
});

it('gives the address of a container that has ended on a segment to the next one', async () => {
  await network('lan', 'l2bridge', '192.0.2.0/24');
  await run('first', 'lan', '192.0.2.20');
  await until('netdev', /set own4_\w+/, '192.0.2.20');
  agent.engine.exit(await engineId('first'), 0);
  await until('netdev', /set own4_\w+/, undefined);
  await run('second', 'lan', '192.0.2.20');
  await until('netdev', /set own4_\w+/, '192.0.2.20');
  expect(elements('netdev', /map mac4_\w+/)!.split(', ')).toHaveLength(1);
});

it('lets a container on a segment speak until it has ended, and no longer', async () => {
  await network('lan', 'l2bridge', '192.0.2.0/24');
  await run('web', 'lan', '192.0.2.20');
  const stop = agent.engine.stop.bind(agent.engine);
  const seen: (string | undefined)[] = [];
  let end = (): void => undefined;
  const held = new Promise<void>((resolve) => (end = resolve));
  agent.engine.stop = async (...args) => {
    seen.push(elements('netdev', /set own4_\w+/));
    await held;
    seen.push(elements('netdev', /set own4_\w+/));
    return stop(...args);
  };
  const stopping = post('/containers/web/stop')
    .expect(204)
    .then(({ status }) => status);
  await waitFor(() => seen.length > 0, { ms: 5_000, what: 'it is being stopped' });
  // Nothing else holds up the rules meanwhile.
  await run('other', 'lan', '192.0.2.21');
  end();
  await stopping;
  expect(seen).toEqual(['192.0.2.20', '192.0.2.20, 192.0.2.21']);
  await until('netdev', /set own4_\w+/, '192.0.2.21');
});

it('gives an address on a segment to who is to have it now, also while who had it ends', async () => {
  await network('lan', 'l2bridge', '192.0.2.0/24');
  await run('web', 'lan', '192.0.2.20');
  const before = elements('netdev', /map mac4_\w+/);
  let end = (): void => undefined;
  const held = new Promise<void>((resolve) => (end = resolve));
  const stop = agent.engine.stop.bind(agent.engine);
  agent.engine.stop = (...args) => held.then(() => stop(...args));
  const stopping = post('/containers/web/stop')
    .expect(204)
    .then(({ status }) => status);
  await waitFor(() => agent.store.list('container')[0]?.target === 'stopped', { ms: 5_000, what: 'it is to stop' });
  await run('next', 'lan', '192.0.2.20');
  const now = elements('netdev', /map mac4_\w+/)!;
  expect([now.split(', ').length, now === before]).toEqual([1, false]);
  end();
  await stopping;
});
