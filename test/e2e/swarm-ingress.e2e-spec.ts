import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { HttpLoad } from './harness/http-load.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Namespace } from './harness/namespaces.js';
import type { TestNode } from './harness/node.js';
import { replaceAgent } from './harness/faults.js';
import { useWorld } from './harness/world.js';

const WEB = 8080;
const PROBE = join(import.meta.dirname, 'harness/probe.mjs');
/** Answers `/name` from a file: a program for each request would be the test's own limit. */
const SERVE = ['sh', '-c', 'hostname > /www/name; httpd -p 81 -h /www; exec serve'];
/** A port that is not listened at yet refuses: only who answers is asked. */
const HEALTH = ['--health-cmd', 'wget -q -O /dev/null http://127.0.0.1/name', '--health-interval', '2s'];
const RATE = 200;

describe('ports published on every node of a swarm', () => {
  const world = useWorld(3);
  const ids: string[] = [];
  let manager: TestNode;
  /** has no replica of `web` */
  let bare: TestNode;
  let load: HttpLoad | undefined;

  const docker = async (...args: string[]) => (await manager.mustDocker(args)).trim();
  const refusal = async (...args: string[]) => (await manager.docker(args)).stderr;
  const create = (...args: string[]) => docker('service', 'create', '--detach', '--no-resolve-image', ...args);
  const update = (...args: string[]) => docker('service', 'update', '--detach', '--no-resolve-image', ...args);
  const replicas = (service: string, wanted: string) =>
    waitFor(
      async () =>
        (await docker('service', 'ls', '--filter', `name=${service}`, '--format', '{{.Replicas}}')) === wanted,
      { ms: 60_000, every: 200, what: `${wanted} replicas of ${service}` },
    );
  const tasks = async (service: string, format: string) =>
    (
      await docker('service', 'ps', service, '--no-trunc', '--filter', 'desired-state=running', '--format', format)
    ).split('\n');
  const url = ({ machine }: TestNode, port = WEB) => `http://${machine.address}:${port}/`;
  const answered = (from: Namespace, at: string) =>
    waitFor(() => from.get(at), { ms: 10_000, every: 100, what: `an answer from ${at}` });
  const refused = (at: string) =>
    waitFor(async () => (await world.outside.run('curl', ['-s', '-m', '2', at])).code === 7, {
      ms: 10_000,
      every: 100,
      what: `${at} to be refused`,
    });
  const field = (name: string, text: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  /** Chains of the node's firewall that choose a replica. */
  const choices = async ({ machine, kernelNames }: TestNode) => {
    const listed = await machine.must('nft', ['list', 'table', 'inet', kernelNames.nftTable]);
    return [...listed.matchAll(/chain (ipv4_\w+) \{/g)].map(([, chain]) => chain);
  };

  beforeAll(async () => {
    manager = world.node;
    bare = world.nodes[2]!;
    await docker('swarm', 'init', '--advertise-addr', manager.machine.address);
    const token = await docker('swarm', 'join-token', '-q', 'worker');
    for (const worker of world.nodes.slice(1)) {
      await worker.mustDocker(['swarm', 'join', '--token', token, `${manager.machine.address}:2377`]);
    }
    for (const node of world.nodes) ids.push((await node.mustDocker(['info', '--format', '{{.Swarm.NodeID}}'])).trim());
    const elsewhere = ['--constraint', `node.id!=${ids[2]}`];
    await create('--name', 'web', '--replicas', '4', '-p', `${WEB}:80`, ...elsewhere, ...HEALTH, DEMO_IMAGE, ...SERVE);
    await create(
      '--name',
      'echo',
      '-p',
      '8053:5353/udp',
      '-p',
      '5353',
      '--constraint',
      `node.id==${ids[1]}`,
      DEMO_IMAGE,
      'idle',
    );
    await replicas('web', '4/4');
    await replicas('echo', '1/1');
  });
  afterAll(() => load?.stop());

  /** While the replica of `echo` sends back what comes. */
  const echoing = async (during: () => Promise<void>) => {
    const node = world.nodes[1]!;
    const listed = ['ps', '-q', '--no-trunc', '--filter', 'label=com.docker.swarm.service.name=echo'];
    const path = node.sandboxPath((await node.mustDocker(listed)).trim());
    const args = [`--net=${path}`, process.execPath, PROBE, 'listen', '5353', '0.0.0.0'];
    const listener = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(listener.stdout, 'data');
      await during();
    } finally {
      listener.kill();
    }
  };

  it('shows ports and the ingress network as Docker does', async () => {
    expect(await docker('service', 'ls', '--filter', 'name=web', '--format', '{{.Ports}}')).toBe(`*:${WEB}->80/tcp`);
    expect(await docker('service', 'inspect', 'echo', '--format', '{{json .Endpoint.Ports}}')).toBe(
      JSON.stringify([
        { Protocol: 'udp', TargetPort: 5353, PublishedPort: 8053, PublishMode: 'ingress' },
        { Protocol: 'tcp', TargetPort: 5353, PublishedPort: 30_000, PublishMode: 'ingress' },
      ]),
    );
    for (const node of world.nodes) {
      const shown = ['network', 'ls', '--filter', 'name=ingress', '--format', '{{.Name}} {{.Driver}} {{.Scope}}'];
      expect((await node.mustDocker(shown)).trim()).toBe('ingress overlay swarm');
      expect((await node.mustDocker(['network', 'inspect', 'ingress', '--format', '{{.Ingress}}'])).trim()).toBe(
        'true',
      );
    }
  });

  it('is followed by skep trace to a replica, on this node or another', async () => {
    for (const node of [manager, bare]) {
      await node.mustDocker(['run', '-d', '--name', 'asker', DEMO_IMAGE, 'idle']);
      const { stdout, code } = await node.skep(['trace', 'asker', `${node.machine.address}:${WEB}`]);
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/port 8080\/tcp of every node leads to service web: 4 answer, port 80 of web\.\d/);
      if (node === bare) expect(stdout).toMatch(/ on another node is followed\n[^]*ok {2}tunnel/);
      await node.mustDocker(['rm', '-f', 'asker']);
    }
  });

  it('answers on every node, by each replica in its turn, which sees the client’s own address', async () => {
    for (const node of world.nodes) {
      await answered(world.outside, url(node));
      const said = [];
      for (let n = 0; n < 8; n++) said.push(await answered(world.outside, url(node)));
      const hosts = said.map((text) => field('host', text));
      for (const host of new Set(hosts)) expect(hosts.filter((each) => each === host)).toHaveLength(2);
      expect(new Set(hosts).size).toBe(4);
      expect(new Set(said.map((text) => field('client', text)))).toEqual(new Set([world.outside.address]));
    }
  });

  it('answers nodes, at their own and at 127.0.0.1, and containers', async () => {
    const [first, second] = world.nodes as [TestNode, TestNode];
    for (const { machine } of [first, bare]) {
      expect(field('client', await answered(machine, url(second)))).toBe(machine.address);
      expect(field('client', await answered(machine, `http://${machine.address}:${WEB}/`))).toBe(machine.address);
      await answered(machine, `http://127.0.0.1:${WEB}/`);
    }
    await bare.mustDocker(['run', '-d', '--name', 'alone', DEMO_IMAGE, 'idle']);
    await bare.mustDocker(['exec', 'alone', 'timeout', '5', 'wget', '-q', '-O', '-', url(bare)]);
    await bare.mustDocker(['rm', '-f', 'alone']);
    // A replica reaches the port by its own node, also when its turn falls on itself.
    const replica = (await first.mustDocker(['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=web'])).split(
      '\n',
    )[0]!;
    for (let n = 0; n < 4; n++)
      await first.mustDocker(['exec', replica, 'timeout', '5', 'wget', '-q', '-O', '-', url(first)]);
  });

  it('carries UDP and a port that it chose', async () => {
    await echoing(async () => {
      const asked = world.nodes.flatMap(({ machine }) => [machine.address, '8053', machine.address, '30000']);
      const said = JSON.parse(await world.outside.must(process.execPath, [PROBE, 'ask', ...asked])) as object;
      for (const { machine } of world.nodes) {
        expect(said).toMatchObject({ [`${machine.address} 8053`]: ['udp'], [`${machine.address} 30000`]: ['tcp'] });
      }
    });
  });

  it('keeps apart what comes from one port of a client by several nodes to one replica', async () => {
    const { outside } = world;
    await echoing(async () => {
      for (const [protocol, port] of Object.entries({ tcp: '30000', udp: '8053' })) {
        const asked = world.nodes.flatMap(({ machine }) => [machine.address, port]);
        const said = await outside.must(process.execPath, [PROBE, 'share', protocol, '40404', ...asked]);
        const always = world.nodes.map(({ machine }) => [`${machine.address} ${port}`, 2]);
        expect(JSON.parse(said)).toEqual(Object.fromEntries(always));
      }
    });
  });

  it('keeps services apart that only share the ingress network', async () => {
    const [node] = world.nodes as [TestNode];
    const [web] = (await tasks('web', '{{.ID}}')) as [string];
    const shown = await docker('inspect', '--type', 'task', web, '--format', '{{json .NetworksAttachments}}');
    const [address] = /10\.0\.0\.\d+/.exec(shown)!;
    const echo = (
      await world.nodes[1]!.mustDocker([
        'ps',
        '-q',
        '--no-trunc',
        '--filter',
        'label=com.docker.swarm.service.name=echo',
      ])
    ).trim();
    const path = world.nodes[1]!.sandboxPath(echo);
    expect(
      (await node.machine.run('nsenter', [`--net=${path}`, 'curl', '-s', '-m', '2', `http://${address}/`])).code,
    ).toBe(28);
  });

  it('opens and closes a port of a running service without another task', async () => {
    const before = await tasks('web', '{{.ID}}');
    await update('--publish-add', '8081:81', 'web');
    for (const node of world.nodes) await answered(world.outside, url(node, 8081));
    await update('--publish-rm', '81', 'web');
    for (const node of world.nodes) await refused(url(node, 8081));
    await answered(world.outside, url(bare));
    expect(await tasks('web', '{{.ID}}')).toEqual(before);
  });

  it('refuses what collides, in Docker’s words', async () => {
    const id = await docker('service', 'inspect', 'web', '--format', '{{.ID}}');
    const other = ['service', 'create', '--detach', '--no-resolve-image', '--name', 'other'];
    expect(await refusal(...other, '-p', `${WEB}:80`, DEMO_IMAGE)).toContain(
      `port '${WEB}' is already in use by service 'web' (${id}) as an ingress port`,
    );
    expect(await refusal(...other, '--endpoint-mode', 'dnsrr', '-p', '8081:80', DEMO_IMAGE)).toContain(
      "port published with ingress mode can't be used with dnsrr mode",
    );
    expect(await refusal(...other, '--network', 'ingress', DEMO_IMAGE)).toContain(
      'Service cannot be explicitly attached to the ingress network "ingress"',
    );
    expect(await refusal('network', 'create', '-d', 'overlay', '--ingress', 'second')).toContain('is already present');
    const removal = await manager.docker(['network', 'rm', 'ingress'], { input: 'y\n' });
    expect(removal.stderr).toMatch(/ingress network cannot be removed because service \S+ depends on it/);
    expect((await manager.docker(['run', '--rm', '--network', 'ingress', DEMO_IMAGE, 'true'])).code).not.toBe(0);
    expect((await bare.docker(['run', '--rm', '-p', `${WEB}:80`, DEMO_IMAGE, 'true'])).stderr).toContain(
      'port is already allocated',
    );
  });

  it('publishes in host mode where the replica is, and nowhere twice', async () => {
    const onNode = `mode=host,published=8090,target=80`;
    await create(
      '--name',
      'local',
      '--replicas',
      '2',
      '--constraint',
      `node.id==${ids[2]}`,
      '--publish',
      onNode,
      DEMO_IMAGE,
      'serve',
    );
    const said = await waitFor(
      async () => {
        const text = (await tasks('local', '{{.CurrentState}}|{{.Error}}|{{.Ports}}')).join('\n');
        return text.includes('Running') && text.includes('no suitable node') && text;
      },
      { ms: 30_000, every: 200, what: 'one that runs and one that waits' },
    );
    expect(said).toContain('host-mode port already in use on 1 node');
    expect(said).toContain('*:8090->80/tcp');
    expect(field('client', await answered(world.outside, url(bare, 8090)))).toBe(world.outside.address);
    await refused(url(manager, 8090));
    await docker('service', 'rm', 'local');
  });

  it('goes on while the agent of a node is killed', async () => {
    load = await HttpLoad.start(world.outside, 50, [`${url(bare)}name`]);
    await replaceAgent(bare);
    await load.stop();
    expect(load.failed).toEqual([]);
  });

  it('asks no replica that was killed', async () => {
    const [node] = world.nodes as [TestNode];
    const victim = (await node.mustDocker(['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=web'])).split(
      '\n',
    )[0]!;
    await node.mustDocker(['kill', victim]);
    for (const each of world.nodes) {
      await waitFor(
        async () => {
          const listed = await each.machine.must('nft', [
            'list',
            'chain',
            'inet',
            each.kernelNames.nftTable,
            `ipv4_tcp_${WEB}`,
          ]);
          return (listed.match(/dnat/g) ?? []).length === 3;
        },
        { ms: 10_000, every: 50, what: 'three replicas to choose from' },
      );
    }
    load = await HttpLoad.start(
      world.outside,
      50,
      world.nodes.map((each) => `${url(each)}name`),
    );
    await replicas('web', '4/4');
    await load.stop();
    expect(load.failed).toEqual([]);
  });

  it(`loses no request of up to ${RATE} a second while six replicas are replaced, and while a node is emptied`, async () => {
    await update('--replicas', '6', 'web');
    await replicas('web', '6/6');
    load = await HttpLoad.start(
      world.outside,
      RATE,
      world.nodes.map((each) => `${url(each)}name`),
    );
    await update(
      '--update-parallelism',
      '2',
      '--update-delay',
      '0s',
      '--update-monitor',
      '500ms',
      '--env-add',
      'A=1',
      'web',
    );
    await waitFor(
      async () =>
        (await docker('service', 'inspect', 'web', '--format', '{{with .UpdateStatus}}{{.State}}{{end}}')) ===
        'completed',
      {
        ms: 90_000,
        every: 300,
        what: 'the update to be completed',
      },
    );
    await docker('node', 'update', '--availability', 'drain', ids[1]!);
    await waitFor(
      async () =>
        (await world.nodes[1]!.mustDocker(['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=web'])) === '',
      { ms: 60_000, every: 300, what: 'an empty node' },
    );
    await replicas('web', '6/6');
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(load.answered).toBeGreaterThan(RATE * 2);
  });

  it('leaves nothing behind', async () => {
    await docker('service', 'rm', 'web', 'echo');
    for (const node of world.nodes) {
      await refused(url(node));
      await waitFor(async () => (await choices(node)).length === 0, {
        ms: 20_000,
        every: 100,
        what: 'no port that leads in',
      });
    }
    await waitFor(async () => (await manager.docker(['network', 'rm', 'ingress'], { input: 'y\n' })).code === 0, {
      ms: 20_000,
      every: 300,
      what: 'the ingress network to be removed',
    });
    for (const { machine, kernelNames } of world.nodes) {
      const links = async () =>
        (await machine.must('ip', ['-o', 'link']))
          .split('\n')
          .filter((line) => line.includes(`${kernelNames.linkPrefix}x`));
      await waitFor(async () => (await links()).length === 0, { ms: 20_000, every: 100, what: 'no tunnel' });
    }
    expect(
      await refusal(
        'service',
        'create',
        '--detach',
        '--no-resolve-image',
        '--name',
        'late',
        '-p',
        '8080:80',
        DEMO_IMAGE,
      ),
    ).toContain('service needs ingress network, but no ingress network is present');
    await docker('network', 'create', '-d', 'overlay', '--ingress', 'mesh');
    await create('--name', 'again', '-p', `${WEB}:80`, DEMO_IMAGE, 'serve');
    for (const node of world.nodes.slice(0, 1)) await answered(world.outside, url(node));
  });
});
