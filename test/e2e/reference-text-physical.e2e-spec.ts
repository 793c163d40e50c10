import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '#lib/common';
import { DhcpServer } from './harness/dhcp-server.js';
import { digTimes } from './harness/dig.js';
import { DockerLab } from './harness/docker-lab.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const SHIM = 'com.docker.network.windowsshim';
const ELSEWHERE = '192.0.2.78';

/** The commands by which Windows containers' networks are taught, typed one after another: the physical network. */
describe('networks on the physical segment as they are on Windows, by the docker CLI', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;
  let pool: string[];

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    pool = [`--subnet=${segment}.0/24`, `--gateway=${world.outside.address}`];
    // A second network adapter, on the same switch, whose other network is 10.112.0.0/24.
    await world.outside.must('ip', ['-batch', '-'], {
      input: [
        `link add port90 type veth peer name second netns ${world.node.machine.name}`,
        'link set port90 master switch up',
        'addr add 10.112.0.2/24 dev switch',
        '',
      ].join('\n'),
    });
    await world.node.machine.must('ip', ['link', 'set', 'second', 'up']);
    before = await world.node.settled();
  });

  const create = (driver: string, name: string, ...more: string[]) =>
    lab.docker('network', 'create', '-d', driver, ...more, name);
  const remove = async (network: string, ...containers: string[]) => {
    if (containers.length > 0) await lab.docker('rm', '-f', ...containers);
    await lab.docker('network', 'rm', network);
  };
  /** MAC that a machine outside has for an address, once it has asked. */
  const macSeen = async (address: string) => {
    expect((await world.outside.run('ping', ['-c', '1', '-W', '2', address])).code).toBe(0);
    const seen = JSON.parse(await world.outside.must('ip', ['-j', 'neigh', 'show', address])) as { lladdr: string }[];
    return seen[0]?.lladdr;
  };
  const macOf = (container: string) =>
    lab.docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}', container);

  it('transparent: addresses come from the DHCP server outside', async () => {
    const server = new DhcpServer(world.outside, 'switch');
    onTestFinished(() => server.end());
    await server.serve(100, 149);
    await create('transparent', 'MyTransparentNet');
    expect(await lab.subnets('MyTransparentNet')).toEqual([]);
    const id = await lab.serve('leased', '--dns-search=.', '--network=MyTransparentNet');
    const address = await lab.addressOf('leased');
    expect(address).toMatch(/\.1[0-4]\d$/);
    await lab.answersOutside(`http://${address}/`, id);
    expect(await macSeen(address)).toBe(await macOf('leased'));
    await remove('MyTransparentNet', 'leased');
  });

  it('transparent with a subnet and a gateway: --ip is reached directly, without a port mapping', async () => {
    await create('transparent', 'TransparentNet3', ...pool);
    const id = await lab.serve('fixed', '--network=TransparentNet3', `--ip=${segment}.105`);
    await lab.answersOutside(`http://${segment}.105/`, id);
    expect(await macSeen(`${segment}.105`)).toBe(await macOf('fixed'));
    expect(await lab.pings('fixed', world.outside.address)).toBe(true);
  });

  it('interface: a second network takes another adapter, by its name', async () => {
    expect(await lab.refusal('network', 'create', '-d', 'transparent', ...pool, 'TransparentNet2')).toContain(
      'interface uplink is in use by network TransparentNet3',
    );
    const second = ['--subnet=10.112.0.0/24', '--gateway=10.112.0.2', '-o', `${SHIM}.interface=second`];
    await create('transparent', 'TransparentNet2', ...second);
    const id = await lab.serve('beside', '--network=TransparentNet2', '--ip=10.112.0.9');
    await lab.answersOutside('http://10.112.0.9/', id);
    await remove('TransparentNet2', 'beside');
    await remove('TransparentNet3', 'fixed');
  });

  it('networkname: the link has the name, a long one as its alternative name', async () => {
    await create('transparent', 'named', ...pool, '-o', `${SHIM}.networkname=MyTransparent`);
    await lab.serve('one', '--network=named', `--ip=${segment}.107`);
    expect((await lab.links()).map(({ ifname }) => ifname)).toContain('MyTransparent');
    await remove('named', 'one');
    const long = 'MyTransparentNetwork';
    await create('transparent', long, '-o', `${SHIM}.networkname=${long}`);
    await world.node.machine.must('ip', ['link', 'show', 'dev', long]);
    await remove(long);
    expect((await world.node.machine.run('ip', ['link', 'show', 'dev', long])).code).not.toBe(0);
  });

  it('vlanid: frames of the containers carry the tag outside', async () => {
    await create('transparent', 'tagged', '--subnet=10.111.0.0/24', '-o', `${SHIM}.vlanid=11`);
    await lab.serve('eleven', '--network=tagged', '--ip=10.111.0.9');
    const argv = ['-i', 'port1', '-e', '-n', '-l', '-c', '1', 'vlan', '11'];
    const ear = spawn('nsenter', [`--net=${world.outside.path}`, 'tcpdump', ...argv], { stdio: 'pipe' });
    const ended = once(ear, 'exit');
    onTestFinished(async () => {
      ear.kill();
      await ended;
    });
    let heard = '';
    for (const stream of [ear.stdout, ear.stderr]) stream.setEncoding('utf8').on('data', (text) => (heard += text));
    await waitFor(() => heard.includes('listening on'), { ms: 10_000, every: 50, what: 'tcpdump listens' });
    await lab.pings('eleven', '10.111.0.10');
    await waitFor(() => /vlan 11,.*10\.111\.0\.9/.test(heard), { ms: 10_000, every: 50, what: 'a tagged frame' });
    expect(heard).toContain(await macOf('eleven'));
    await remove('tagged', 'eleven');
  });

  describe('dnssuffix and dnsservers', () => {
    let upstream: ReturnType<typeof spawn>;

    beforeAll(() => {
      const script = new URL('fixtures/upstream.mjs', import.meta.url).pathname;
      const argv = [`--net=${world.outside.path}`, process.execPath, script, world.outside.address, ELSEWHERE];
      upstream = spawn('nsenter', argv, { stdio: 'inherit' });
    });
    afterAll(() => void upstream?.kill());

    it('are those of its containers', async () => {
      const dns = [`dnssuffix=abc.test`, `dnsservers=192.0.2.53,${world.outside.address}`];
      await create('transparent', 'suffixed', ...pool, ...dns.flatMap((option) => ['-o', `${SHIM}.${option}`]));
      const id = await lab.serve('asking', '--dns-search=.', '--network=suffixed', `--ip=${segment}.108`);
      expect(await lab.docker('exec', 'asking', 'cat', '/etc/resolv.conf')).toMatch(/^search abc\.test$/m);
      const asked = async () => (await digTimes(world.node, id, 'somewhere.example', 1, 'udp'))[0]?.[0];
      await waitFor(async () => (await asked()) === ELSEWHERE, { ms: 15_000, every: 200, what: 'the second server' });
      await remove('suffixed', 'asking');
    });

    it('come before those that the DHCP server names', async () => {
      // A name server of the DHCP server's own, which gives everybody its own address.
      const script = new URL('fixtures/upstream.mjs', import.meta.url).pathname;
      const theirs = spawn(
        'nsenter',
        [`--net=${world.outside.path}`, process.execPath, script, '10.112.0.2', '192.0.2.79'],
        {
          stdio: 'inherit',
        },
      );
      const server = new DhcpServer(world.outside, 'switch');
      onTestFinished(async () => {
        theirs.kill();
        await server.end();
      });
      await server.serve(150, 159, ['10.112.0.2']);
      const dns = [`dnssuffix=abc.test`, `dnsservers=${world.outside.address}`];
      await create('transparent', 'MyTransparentNetwork', ...dns.flatMap((option) => ['-o', `${SHIM}.${option}`]));
      const id = await lab.serve('leased', '--dns-search=.', '--network=MyTransparentNetwork');
      expect(await lab.addressOf('leased')).toMatch(/\.15\d$/);
      expect(await lab.docker('exec', 'leased', 'cat', '/etc/resolv.conf')).toMatch(/^search abc\.test lan\.test$/m);
      let answer: string | undefined;
      const asked = async () => (answer = (await digTimes(world.node, id, 'somewhere.example', 1, 'udp'))[0]?.[0]);
      await waitFor(async () => (await asked()) !== undefined, { ms: 15_000, every: 200, what: 'an answer' });
      expect(answer).toBe(ELSEWHERE);
      await remove('MyTransparentNetwork', 'leased');
    });
  });

  it('l2bridge with a subnet and a gateway: static addresses, and the MAC of the node for all', async () => {
    await create('l2bridge', 'MyBridgeNetwork', ...pool);
    const uplink = JSON.parse(await world.node.machine.must('ip', ['-j', 'link', 'show', 'uplink'])) as {
      address: string;
    }[];
    for (const last of [110, 111]) {
      const id = await lab.serve(`l2-${last}`, '--network=MyBridgeNetwork', `--ip=${segment}.${last}`);
      await lab.answersOutside(`http://${segment}.${last}/`, id);
      expect(await macSeen(`${segment}.${last}`)).toBe(uplink[0]!.address);
    }
    expect(await lab.pings('l2-110', `${segment}.111`)).toBe(true);
    await remove('MyBridgeNetwork', 'l2-110', 'l2-111');
  });

  it('leaves nothing behind', async () => {
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
