import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { DockerLab } from './harness/docker-lab.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const DRIVERS = ['transparent', 'l2bridge', 'l2tunnel'] as const;
type Driver = (typeof DRIVERS)[number];

/** What Docker's options of networks and containers mean where the network is the physical one. */
describe('options of docker on the physical segment', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;
  const at = (last: number) => `${segment}.${last}`;

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    // For l2tunnel; the other drivers send nothing that would have to come back.
    await world.outside.must('ip', ['link', 'set', 'dev', 'port1', 'type', 'bridge_slave', 'hairpin', 'on']);
    await world.outside.must('ip', ['addr', 'add', 'fd99::2/64', 'dev', 'switch', 'nodad']);
    before = await world.node.settled();
  });

  const create = (driver: Driver, ...options: string[]) =>
    lab.docker('network', 'create', '-d', driver, ...options, 'lan');
  const pool = () => ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address];
  const clear = async () => {
    const ids = (await lab.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await lab.docker('rm', '-f', ...ids);
    await world.node.docker(['network', 'rm', 'lan']);
  };
  const inside = (container: string, ...command: string[]) => lab.docker('exec', container, ...command);
  const addresses = (container: string) =>
    lab.docker(
      'inspect',
      '-f',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}',
      container,
    );

  describe.each(DRIVERS)('%s', (driver) => {
    it('--ip-range and --aux-address: containers get what is left of the range, and no more than that', async () => {
      const v6 = ['--ipv6', '--subnet', 'fd99::/64', '--gateway', 'fd99::2', '--ip-range', 'fd99::40/126'];
      const aux = ['--aux-address', `printer=${at(64)}`, '--aux-address', `camera=${at(66)}`];
      try {
        await create(driver, ...pool(), '--ip-range', `${at(64)}/30`, ...aux, ...v6, '--aux-address', 'tv=fd99::40');
        const ids = [await lab.serve('one', '--network=lan'), await lab.serve('two', '--network=lan')];
        const given = [await addresses('one'), await addresses('two')];
        expect(given.map((each) => each.split(' ')[0]).sort()).toEqual([at(65), at(67)]);
        for (const each of given) expect(each.split(' ')[1]).toMatch(/^fd99::4[123]$/);
        for (const [n, each] of given.entries()) await lab.answersOutside(`http://${each.split(' ')[0]}/`, ids[n]!);
        expect(await lab.refusal('run', '--rm', '--network=lan', DEMO_IMAGE, 'true')).toContain(
          `network lan: no address is left in ${at(64)}/30: all 4 are in use, reserved or resting`,
        );
        // Beside the range an address has to be asked for; what is held for somebody else is nobody's to ask for.
        await lab.serve('asked', '--network=lan', `--ip=${at(90)}`, '--ip6=fd99::90');
        expect(await addresses('asked')).toBe(`${at(90)} fd99::90`);
        const held = await lab.refusal('run', '--rm', '--network=lan', `--ip=${at(64)}`, DEMO_IMAGE, 'true');
        expect(held).toContain(`network lan: address ${at(64)} is already in use by aux address printer`);
        expect((await lab.network('lan')).IPAM.Config[0]).toMatchObject({
          IPRange: `${at(64)}/30`,
          AuxiliaryAddresses: { printer: at(64), camera: at(66) },
        });
      } finally {
        await clear();
      }
    });

    it('refuses a range or an address that is not inside the subnet', async () => {
      const range = await lab.refusal('network', 'create', '-d', driver, ...pool(), '--ip-range', '10.1.0.0/28', 'lan');
      expect(range).toMatch(/10\.1\.0\.0\/28|no matching subnet/);
      const aux = await lab.refusal('network', 'create', '-d', driver, ...pool(), '--aux-address', 'a=10.1.0.1', 'lan');
      expect(aux).toMatch(/no matching subnet for aux-address/);
    });

    it('--link, --add-host, --dns-opt and --dns-search are what one container sees of the others', async () => {
      try {
        await create(driver, ...pool());
        const db = await lab.serve('db', '--network=lan', `--ip=${at(70)}`, '--network-alias=store.shop.test');
        const options = ['--link', 'db:base', '--add-host', 'till:192.0.2.9', '--add-host', 'home:host-gateway'];
        const dns = ['--dns-opt', 'ndots:2', '--dns-opt=timeout:3', '--dns-search', 'shop.test', '--dns-search=b.test'];
        await lab.serve('web', '--network=lan', `--ip=${at(71)}`, ...options, ...dns);
        await lab.serve('other', '--network=lan', `--ip=${at(72)}`);
        expect(await inside('web', 'wget', '-q', '-O', '-', 'http://base/')).toContain(`host: ${db.slice(0, 12)}`);
        expect(await inside('web', 'wget', '-q', '-O', '-', 'http://store/')).toContain(`host: ${db.slice(0, 12)}`);
        for (const name of ['base', 'store']) {
          const { code } = await world.node.docker(['exec', 'other', 'ping', '-c', '1', '-W', '1', name]);
          expect([name, code]).not.toEqual([name, 0]);
        }
        const hosts = await inside('web', 'cat', '/etc/hosts');
        expect(hosts).toMatch(/^192\.0\.2\.9\s+till$/m);
        expect(hosts).toMatch(new RegExp(`^${world.node.machine.address}\\s+home$`, 'm'));
        expect(await inside('other', 'cat', '/etc/hosts')).not.toMatch(/till|home/);
        expect(await inside('web', 'ping', '-c', '1', '-W', '2', 'home')).toContain(world.node.machine.address);
        for (const name of ['host.docker.internal', 'gateway.docker.internal']) {
          const answer = await inside('web', 'nslookup', '-type=a', name);
          expect([name, answer.match(/^Address:\s+[\d.]+$/m)?.[0]]).toEqual([
            name,
            expect.stringMatching(new RegExp(`\\s${world.node.machine.address}$`)),
          ]);
        }
        const resolver = await inside('web', 'cat', '/etc/resolv.conf');
        expect(resolver).toMatch(/^search shop\.test b\.test$/m);
        expect(resolver).toMatch(/^options (?=.*\bndots:2\b)(?=.*\btimeout:3\b)/m);
      } finally {
        await clear();
      }
    });

    it(`--internal ${driver === 'l2tunnel' ? 'is refused with the reason' : 'joins its containers and nobody else'}`, async () => {
      const uplink = ['-o', 'com.docker.network.windowsshim.interface=uplink'];
      const subnet = ['--internal', '--subnet', '10.77.0.0/24', '--gateway', '10.77.0.1'];
      const refused = await lab.refusal('network', 'create', '-d', driver, ...subnet, ...uplink, 'lan');
      if (driver === 'l2tunnel') {
        expect(refused).toContain('an internal l2tunnel network connects nothing');
        return;
      }
      expect(refused).toContain('an internal network is on no interface');
      try {
        await create(driver, ...subnet);
        await lab.serve('one', '--network=lan', '--ip=10.77.0.8');
        await lab.serve('two', '--network=lan', '--ip=10.77.0.9');
        expect(await inside('one', 'wget', '-q', '-O', '-', 'http://two/')).toContain('eth0: 10.77.0.9');
        expect(await inside('one', 'ip', 'route')).not.toContain('default');
        const { stdout } = await world.node.docker(['exec', 'one', 'nslookup', '-type=a', 'host.docker.internal']);
        expect(stdout.match(/^Address:\s+[\d.]+$/gm)).toBeNull();
        for (const to of [world.outside.address, world.node.machine.address]) {
          expect([to, await lab.pings('one', to)]).toEqual([to, false]);
        }
        expect(await world.node.machine.get('http://10.77.0.8/')).toBeUndefined();
      } finally {
        await clear();
      }
    });
  });

  it('addresses by DHCP are the server’s to choose: no range, no held address', async () => {
    for (const [option, words] of [
      [['--ip-range', `${at(64)}/30`], /every ip-range or gateway must have a corresponding subnet/],
      [['--aux-address', `printer=${at(64)}`], /no matching subnet for aux-address/],
    ] as const) {
      expect(await lab.refusal('network', 'create', '-d', 'transparent', ...option, 'lan')).toMatch(words);
    }
  });

  it('macvlan of Docker: its parent is the uplink, and a VLAN of it', async () => {
    try {
      const options = ['-o', 'parent=uplink', '-o', 'macvlan_mode=bridge'];
      await lab.docker('network', 'create', '-d', 'macvlan', ...pool(), ...options, 'lan');
      const id = await lab.serve('one', '--network=lan', `--ip=${at(91)}`);
      await lab.answersOutside(`http://${at(91)}/`, id);
      expect(await lab.docker('network', 'inspect', '-f', '{{.Driver}} {{.Options.parent}}', 'lan')).toBe(
        'macvlan uplink',
      );
      await clear();
      await lab.docker('network', 'create', '-d', 'macvlan', '-o', 'parent=uplink.11', 'lan');
      expect(await world.node.json('/skep/v1/networks/lan')).toMatchObject({ uplink: 'uplink', vlan: 11 });
    } finally {
      await clear();
    }
    const refused = await lab.refusal('network', 'create', '-d', 'macvlan', '-o', 'parent=nowhere', 'lan');
    expect(refused).toContain('no interface nowhere on this node');
  });

  it('leaves nothing behind', async () => {
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
