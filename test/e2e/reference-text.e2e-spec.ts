import { beforeAll, describe, expect, it } from 'vitest';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

/** The commands by which Windows containers' networks are taught, typed one after another: nat. */
describe('nat networks as they are on Windows, by the docker CLI', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;

  beforeAll(async () => {
    before = await world.node.settled();
  });

  const published = (port: number | string) => `http://${world.node.machine.address}:${port}/`;

  it('has a default network in 172.16.0.0/12, which containers join that name none', async () => {
    expect((await lab.networks()).split('\n')).toEqual(expect.arrayContaining(['nat nat local', 'none null local']));
    const [subnet] = await lab.subnets('nat');
    expect(subnet).toMatch(/^172\.(1[6-9]|2\d|3[01])\./);
    const id = await lab.serve('plain');
    expect((await lab.network('nat')).Containers[id]?.Name).toBe('plain');
    expect(await lab.rules()).toContain('"masquerade"');
  });

  it('lets containers out, and in from the node alone, which asks them by their own addresses', async () => {
    const address = await lab.addressOf('plain');
    expect(await lab.pings('plain', world.outside.address)).toBe(true);
    await lab.answersNode(address);
    await world.outside.must('ip', ['route', 'replace', `${address}/32`, 'via', world.node.machine.address]);
    expect(await world.outside.get(`http://${address}/`)).toBeUndefined();
    await world.outside.must('ip', ['route', 'delete', `${address}/32`]);
  });

  it('makes a network with a prefix and a gateway, and runs on it with and without an address', async () => {
    const pool = ['--subnet=192.168.1.0/24', '--gateway=192.168.1.1'];
    await lab.docker('network', 'create', '-d', 'nat', ...pool, 'MyNatNetwork');
    const held = (await lab.links()).flatMap(({ addr_info }) => addr_info);
    expect(held).toContainEqual(expect.objectContaining({ local: '192.168.1.1', prefixlen: 24 }));
    const routes = await lab.prints('ip route', '--network=MyNatNetwork');
    expect(routes).toMatch(/^default via 192\.168\.1\.1 dev eth0/m);
    await lab.serve('fixed', '--network=MyNatNetwork', '--ip=192.168.1.50');
    const { Containers } = await lab.network('MyNatNetwork');
    expect(Object.values(Containers)).toEqual([
      expect.objectContaining({ Name: 'fixed', IPv4Address: '192.168.1.50/24' }),
    ]);
    expect(await lab.refusal('network', 'rm', 'MyNatNetwork')).toContain('has active endpoints');
    await lab.docker('rm', '-f', 'fixed');
  });

  it('removes a network with its link and its rules', async () => {
    const link = (await lab.network('MyNatNetwork')).Options['com.docker.network.windowsshim.networkname']!;
    expect(await lab.rules()).toContain(link);
    await lab.docker('network', 'rm', 'MyNatNetwork');
    expect((await lab.links()).map(({ ifname }) => ifname)).not.toContain(link);
    expect(await lab.rules()).not.toContain(link);
    expect(await lab.networks()).not.toContain('MyNatNetwork');
  });

  it('publishes a port under its own number and under another one', async () => {
    const same = await lab.serve('same', '-p', '80:80');
    await lab.answersOutside(published(80), same);
    const other = await lab.serve('other', '-p', '8082:80');
    await lab.answersOutside(published(8082), other);
    expect(await lab.docker('port', 'other')).toBe('80/tcp -> 0.0.0.0:8082');
    await lab.docker('rm', '-f', 'same');
    expect(await world.outside.get(published(80))).toBeUndefined();
  });

  it('publishes on a free port, which docker ps shows', async () => {
    const id = await lab.serve('free', '-p', '80');
    const ports = await lab.docker('ps', '--filter', 'name=^/free$', '--format', '{{.Ports}}');
    const [, port] = /^0\.0\.0\.0:(\d+)->80\/tcp$/.exec(ports)!;
    await lab.answersOutside(published(port!), id);
  });

  it('publishes what the image exposes', async () => {
    const { code, stderr } = await world.node.docker(['build', '-q', '-t', 'exposing:1', '-'], {
      input: `FROM ${DEMO_IMAGE}\nEXPOSE 80\n`,
      env: { DOCKER_BUILDKIT: '0' },
    });
    expect(code, stderr).toBe(0);
    const id = await lab.docker('run', '-d', '--name', 'exposed', '-P', 'exposing:1', 'serve');
    const port = (await lab.docker('port', 'exposed', '80')).split(':').at(-1)!;
    await lab.answersOutside(published(port), id);
  });

  it('has two partitions of the prefix side by side, and one of another prefix', async () => {
    const pools = { CustomNat1: '172.16.0', CustomNat2: '172.17.0', Elsewhere: '10.77.0' };
    for (const [name, start] of Object.entries(pools)) {
      const pool = [`--subnet=${start}.0/16`, `--gateway=${start}.1`];
      await lab.docker('network', 'create', '-d', 'nat', ...pool, name);
      const id = await lab.serve(`on-${name}`, `--network=${name}`);
      const address = await lab.addressOf(id);
      expect(address.startsWith(start)).toBe(true);
      await lab.answersNode(address);
      expect(await lab.pings(id, world.outside.address)).toBe(true);
    }
    for (const name of Object.keys(pools)) expect(await lab.networks()).toContain(`${name} nat local`);
    expect(await lab.pings('on-CustomNat1', await lab.addressOf('on-CustomNat2'))).toBe(false);
  });

  it('leaves nothing behind', async () => {
    await lab.docker('rm', '-f', ...(await lab.docker('ps', '-aq')).split('\n'));
    await lab.docker('network', 'rm', 'CustomNat1', 'CustomNat2', 'Elsewhere');
    await lab.docker('rmi', 'exposing:1');
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
