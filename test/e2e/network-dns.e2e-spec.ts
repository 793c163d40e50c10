import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DhcpServer } from './harness/dhcp-server.js';
import { digTimes } from './harness/dig.js';
import { DockerLab } from './harness/docker-lab.js';
import { killPart, replaceAgent } from './harness/faults.js';
import { DEMO_IMAGE, ROOT } from './harness/image.js';
import { useWorld } from './harness/world.js';

const SHIM = 'com.docker.network.windowsshim';
const UPSTREAM = new URL('fixtures/upstream.mjs', import.meta.url).pathname;
/** Answers 192.0.2.1 to everybody, by UDP and by TCP. */
const NAME_SERVER = join(ROOT, 'apps/resolver/test/upstream.mjs');
/** What the two servers outside answer, whatever they are asked. */
const [BY_ROUTER, BY_OTHER] = ['192.0.2.77', '192.0.2.78'];

describe('DNS options of networks, as containers see them', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  const servers: ChildProcess[] = [];
  let dhcp: DhcpServer;
  let segment: string;
  let router: string;
  let other: string;

  beforeAll(async () => {
    router = world.outside.address;
    segment = router.split('.').slice(0, 3).join('.');
    other = `${segment}.53`;
    await world.outside.must('ip', ['addr', 'add', `${other}/24`, 'dev', 'switch']);
    for (const [address, answer] of [
      [router, BY_ROUTER],
      [other, BY_OTHER],
    ] as const) {
      const argv = [`--net=${world.outside.path}`, process.execPath, UPSTREAM, address, answer];
      servers.push(spawn('nsenter', argv, { stdio: 'inherit' }));
    }
    dhcp = new DhcpServer(world.outside, 'switch');
    await dhcp.serve(100, 149, [router, other]);
  });
  afterAll(async () => {
    for (const each of servers) each.kill();
    await dhcp?.end();
  });

  /** A network of the driver with two containers, `web` and `peer`; gives the id of `peer`. */
  const start = async (driver: string, ...options: string[]) => {
    const pool = ['--subnet', `${segment}.0/24`, '--gateway', router];
    const given = driver === 'l2bridge' ? pool : [];
    const all = [...given, ...options.flatMap((each) => ['-o', `${SHIM}.${each}`])];
    // The CLI keeps a create's warning to itself.
    const planned = await world.node.must(['network', 'plan', '-d', driver, ...all, 'lan']);
    await lab.docker('network', 'create', '-d', driver, ...all, 'lan');
    await lab.serve('web', '--network=lan', '--network-alias=api');
    const id = await lab.serve('peer', '--network=lan');
    return { id, warned: planned.split('\n').filter((line) => line.includes('warning')) };
  };
  const clear = async () => {
    await lab.docker('rm', '-f', 'web', 'peer');
    await lab.docker('network', 'rm', 'lan');
  };
  const asks = async (id: string, name: string) => (await digTimes(world.node, id, name, 1, 'udp'))[0] ?? [];
  const comesTo = (id: string, name: string, answer: string[]) =>
    waitFor(async () => (await asks(id, name)).join() === answer.join(), {
      ms: 15_000,
      every: 200,
      what: `${name} is ${answer.join() || 'nobody'}`,
    });
  const resolvConf = () => lab.docker('exec', 'peer', 'cat', '/etc/resolv.conf');

  it.each(['nat', 'transparent', 'l2bridge'])(
    'disable_dns on %s: its names are nobody, others go on',
    async (driver) => {
      const { id } = await start(driver, 'disable_dns=true', `dnsservers=${other}`, 'dnssuffix=abc.test');
      try {
        expect(await resolvConf()).toMatch(/^nameserver 127\.0\.0\.11\nsearch abc\.test/);
        await comesTo(id, 'somewhere.example', [BY_OTHER]);
        // Whoever is no name of ours is asked of the network's servers, as every other name.
        for (const name of ['web', 'api']) expect(await asks(id, name)).not.toContain(await lab.addressOf('web'));
      } finally {
        await clear();
      }
    },
  );

  it.each(['nat', 'transparent', 'l2bridge'])('without it, %s answers its names', async (driver) => {
    const { id } = await start(driver, 'disable_dns=false', `dnsservers=${other}`);
    try {
      for (const name of ['web', 'api']) await comesTo(id, name, [await lab.addressOf('web')]);
    } finally {
      await clear();
    }
  });

  it('disable_gatewaydns: of the servers that DHCP names, the router is not asked', async () => {
    const asked = await start('transparent');
    await comesTo(asked.id, 'somewhere.example', [BY_ROUTER]);
    await clear();
    const { id, warned } = await start('transparent', 'disable_gatewaydns=true');
    try {
      expect(warned).toEqual([]);
      await comesTo(id, 'somewhere.example', [BY_OTHER]);
      expect(await resolvConf()).toMatch(/^nameserver 127\.0\.0\.11\nsearch lan\.test/);
    } finally {
      await clear();
    }
  });

  it('a server that the container alone reaches, as behind a VPN of its own, is asked from there', async () => {
    const [address, answer] = ['10.64.0.1', '192.0.2.79'];
    await lab.docker('network', 'create', '-d', 'nat', 'lan');
    await lab.serve('web', '--network=lan');
    const id = await lab.serve('peer', '--network=lan', `--dns=${address}`);
    try {
      await world.node.inSandbox(id, 'ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
      const argv = [`--net=${world.node.sandboxPath(id)}`, process.execPath, UPSTREAM, address, answer];
      const server = spawn('nsenter', argv, { stdio: 'inherit' });
      servers.push(server);
      await comesTo(id, 'somewhere.example', [answer]);
      await comesTo(id, 'web', [await lab.addressOf('web')]);
      server.kill();
    } finally {
      await clear();
    }
  });

  it.each(['nat', 'l2bridge'])(
    'disable_gatewaydns on %s is said to have no effect, and names go on',
    async (driver) => {
      const { id, warned } = await start(driver, 'disable_gatewaydns=true', `dnsservers=${router}`);
      try {
        expect(warned.join()).toContain(`network lan: option ${SHIM}.disable_gatewaydns has no effect here`);
        await comesTo(id, 'somewhere.example', [BY_ROUTER]);
        await comesTo(id, 'web', [await lab.addressOf('web')]);
      } finally {
        await clear();
      }
    },
  );

  it('a container may be a name server at port 53 of all its addresses, and finds names as every other one', async () => {
    await lab.docker('network', 'create', 'home');
    const options = ['--name', 'hole', '--network=home', '--cap-add=NET_ADMIN', '-v', '/:/node:ro'];
    // It is the node's own Node.js that serves.
    const serves = ['chroot', '/node', process.execPath, NAME_SERVER, '0.0.0.0', '53', 'good'];
    const hole = await lab.docker('run', '-d', ...options, DEMO_IMAGE, ...serves);
    const peer = await lab.serve('peer', '--network=home');
    try {
      await waitFor(async () => (await lab.docker('logs', 'hole')).includes('ready'), {
        ms: 15_000,
        every: 100,
        what: 'the name server listens',
      });
      const address = await lab.addressOf('hole');
      const asked = async (id: string, ...argv: string[]) =>
        (await world.node.inSandbox(id, 'dig', ['+short', '+tries=1', '+time=2', ...argv]).catch(() => '')).trim();
      const bothAnswer = async () => {
        for (const by of ['+notcp', '+tcp']) {
          expect(await asked(peer, by, `@${address}`, 'anything.example')).toBe('192.0.2.1');
          expect(await asked(hole, by, '@127.0.0.11', 'peer')).toBe(await lab.addressOf('peer'));
        }
      };
      const findsNames = () =>
        waitFor(async () => (await asked(hole, '@127.0.0.11', 'peer')) !== '', {
          ms: 25_000,
          every: 100,
          what: 'names',
        });
      await bothAnswer();
      expect(await lab.docker('exec', 'peer', 'nslookup', 'anything.example', 'hole')).toContain('192.0.2.1');

      await killPart(world.node, 'resolver');
      await findsNames();
      await bothAnswer();
      await replaceAgent(world.node);
      await bothAnswer();
      await world.node.inSandbox(hole, 'nft', ['flush', 'ruleset']);
      await findsNames();
      await bothAnswer();
    } finally {
      await lab.docker('rm', '-f', 'hole', 'peer');
      await lab.docker('network', 'rm', 'home');
    }
  });
});
