import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { digTimes, firsts } from './harness/dig.js';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE, ROOT } from './harness/image.js';
import { LegacyCompose } from './harness/legacy-compose.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url).pathname;
const EXTERNAL = join(ROOT, 'docker-compose.samples/external-nat/compose.legacy.yaml');
const CUSTOM = fixture('custom-nat.yaml');

describe('daemon.json, where a default network is there already', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  const restart = async (config: object) => {
    await world.node.stop();
    await writeFile(join(world.node.folder, 'daemon.json'), JSON.stringify(config));
    await world.node.start();
  };
  const warnings = () => lab.docker('info', '-f', '{{json .Warnings}}');

  it('fixed-cidr: keeps what is there and says what to remove; after that has the prefix', async () => {
    const was = await lab.subnets('nat');
    await restart({ 'fixed-cidr': '192.168.9.0/24' });
    expect(await lab.subnets('nat')).toEqual(was);
    expect(await warnings()).toContain('skep network rm nat');
    await world.node.must(['network', 'rm', 'nat']);
    await restart({ 'fixed-cidr': '192.168.9.0/24' });
    expect(await lab.subnets('nat')).toEqual(['192.168.9.0/24']);
    expect(await lab.prints('ip -o -4 addr show dev eth0')).toContain('192.168.9.');
  });

  it('bridge none: the same; after that networks are made by hand, and containers name theirs', async () => {
    await restart({ bridge: 'none' });
    expect(await warnings()).toContain('skep network rm nat');
    await world.node.must(['network', 'rm', 'nat']);
    await restart({ bridge: 'none' });
    expect((await lab.networks()).split('\n').sort()).toEqual(['host host local', 'none null local']);
    // As with Docker, who names no network is on none; what is asked for by name has to be there.
    expect(await lab.prints('ls /sys/class/net')).toBe('lo');
    const built = await world.node.docker(['build', '--no-cache', '-'], {
      input: `FROM ${DEMO_IMAGE}\nRUN ls /sys/class/net\n`,
      env: { DOCKER_BUILDKIT: '0' },
    });
    expect(built.code, built.stderr).toBe(0);
    expect(built.stdout).toMatch(/^lo$/m);
    expect(await lab.refusal('run', '--rm', '--network=nat', DEMO_IMAGE, 'true')).toContain('network nat not found');
    await lab.docker('network', 'create', '-d', 'nat', '--subnet=192.168.1.0/24', 'MyNatNetwork');
    expect(await lab.prints('ip -o -4 addr show dev eth0', '--network=MyNatNetwork')).toContain('192.168.1.');
  });
});

describe('Compose and service discovery', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let end: (() => Promise<unknown>) | undefined;

  afterEach(async () => {
    await end?.();
    end = undefined;
  });

  /** The file brought up by either program; gives the network's name and how the containers are told apart. */
  async function up(by: string, file: string): Promise<{ prefix: string; separator: string }> {
    if (by === 'skep') {
      const project = new TestProject(world.node, 'text', [file]);
      end = () => project.down();
      await project.up();
      return { prefix: 'text', separator: '-' };
    }
    const compose = await LegacyCompose.of(world.node, 'text', file);
    end = () => compose.must('down', '-v');
    await compose.must('up', '-d');
    return { prefix: compose.project, separator: '_' };
  }

  it.each(['docker-compose', 'skep'])('an external nat is the default network of the project: %s up', async (by) => {
    const { prefix, separator } = await up(by, EXTERNAL);
    const names = Object.values((await lab.network('nat')).Containers).map(({ Name }) => Name);
    expect(names.sort()).toEqual(['client', 'web'].map((name) => [prefix, name, '1'].join(separator)));
    expect(await lab.networks()).not.toContain(prefix);
  });

  it.each(['docker-compose', 'skep'])(
    'a nat of its own has the subnet, and its service is one name in turns: %s up',
    async (by) => {
      const { prefix, separator } = await up(by, CUSTOM);
      const network = await lab.network(`${prefix}_default`);
      expect(network).toMatchObject({ Driver: 'nat', IPAM: { Config: [{ Subnet: '172.17.0.0/16' }] } });
      const named = (service: string, number: number) => [prefix, service, number].join(separator);
      const client = await lab.docker('inspect', '-f', '{{.Id}}', named('client', 1));
      const web = await Promise.all([1, 2, 3].map((number) => lab.addressOf(named('web', number))));
      const answers = await digTimes(world.node, client, 'web', 30, 'udp');
      for (const answer of answers) expect([...answer].sort()).toEqual([...web].sort());
      expect(Object.fromEntries(firsts(answers))).toEqual(Object.fromEntries(web.map((address) => [address, 10])));
      expect(await digTimes(world.node, client, named('web', 2), 1, 'udp')).toEqual([[web[1]]]);
    },
  );
});

describe('what Windows says it has not', () => {
  const world = useWorld();
  const lab = new DockerLab(world);

  it('--link', async () => {
    await lab.serve('linked');
    expect(await lab.prints('wget -q -O - http://shop/', '--link', 'linked:shop')).toContain('host: ');
    await lab.docker('rm', '-f', 'linked');
  });

  it('--add-host', async () => {
    expect(await lab.prints('cat /etc/hosts', '--add-host', 'there:192.0.2.1')).toMatch(/^192\.0\.2\.1\s+there$/m);
  });

  it('--dns-opt and --dns-search', async () => {
    const file = await lab.prints('cat /etc/resolv.conf', '--dns-opt', 'ndots:3', '--dns-search', 'corp.test');
    expect(file).toMatch(/^search corp\.test$/m);
    expect(file).toMatch(/^options ndots:3$/m);
  });

  it('--ip-range and --aux-address', async () => {
    const range = ['--subnet', '10.66.0.0/24', '--ip-range', '10.66.0.8/30', '--aux-address', 'printer=10.66.0.8'];
    await lab.docker('network', 'create', '-d', 'nat', ...range, 'ranged');
    const names = ['one', 'two', 'three'];
    for (const name of names) await lab.serve(name, '--network', 'ranged');
    const addresses = await Promise.all(names.map((name) => lab.addressOf(name)));
    expect(addresses.sort()).toEqual(['10.66.0.10', '10.66.0.11', '10.66.0.9']);
    await lab.docker('rm', '-f', ...names);
  });

  it('--internal', async () => {
    await lab.docker('network', 'create', '-d', 'nat', '--internal', 'inside');
    for (const name of ['one', 'two']) await lab.serve(name, '--network', 'inside');
    expect(await lab.pings('one', await lab.addressOf('two'))).toBe(true);
    expect(await lab.pings('one', world.outside.address)).toBe(false);
    await lab.docker('rm', '-f', 'one', 'two');
  });
});
