import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '#lib/common';
import { digTimes } from './harness/dig.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Outcome } from './harness/process.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const NETWORK_NAME = 'com.docker.network.windowsshim.networkname';

interface NetworkJson {
  Id: string;
  Driver: string;
  IPAM: { Config: { Subnet: string; Gateway: string }[] };
  Containers: Record<string, { Name: string; IPv4Address: string; MacAddress: string }>;
  Options: Record<string, string>;
}

describe('docker network and docker events, by the real CLI', () => {
  const world = useWorld();
  let before: Snapshot;
  /** id of a container that the tests move from network to network */
  let web: string;

  beforeAll(async () => {
    before = await world.node.settled();
  });

  const docker = async (...args: string[]): Promise<string> => (await world.node.mustDocker(args)).trim();
  const refused = async (...args: string[]): Promise<Outcome> => {
    const outcome = await world.node.docker(args);
    expect(outcome.code, outcome.stdout).not.toBe(0);
    return outcome;
  };
  const inspect = async (name: string): Promise<NetworkJson> =>
    (JSON.parse(await docker('network', 'inspect', name)) as NetworkJson[])[0]!;
  const run = (name: string, network: string, ...more: string[]) =>
    docker('run', '-d', '--name', name, '--network', network, ...more, DEMO_IMAGE, 'serve');
  const routes = (id: string) => world.node.inSandbox(id, 'ip', ['route']);
  const addresses = async (id: string): Promise<string[]> => {
    const text = await world.node.inSandbox(id, 'ip', ['-o', '-4', 'addr']);
    return [...text.matchAll(/^\d+: (eth\d+)\s+inet (\S+)/gm)].map((match) => `${match[1]} ${match[2]}`);
  };
  const pings = async (id: string, address: string): Promise<boolean> =>
    world.node.inSandbox(id, 'ping', ['-c', '1', '-W', '1', address]).then(
      () => true,
      () => false,
    );
  const looksUp = async (id: string, name: string) => (await digTimes(world.node, id, name, 1, 'udp'))[0];
  const hostsFile = (id: string) => readFile(join(world.node.folder, 'exec/containers', id, 'hosts'), 'utf8');

  it('makes a network with subnet, gateway and the link’s name, and shows it', async () => {
    const id = await docker(
      'network',
      'create',
      '-d',
      'nat',
      '--subnet',
      '172.16.0.0/16',
      '--gateway',
      '172.16.0.254',
      '-o',
      `${NETWORK_NAME}=lab0`,
      '--label',
      'tier=back',
      'lab',
    );
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await inspect('lab')).toMatchObject({
      Id: id,
      Driver: 'nat',
      IPAM: { Config: [{ Subnet: '172.16.0.0/16', Gateway: '172.16.0.254' }] },
      Options: { [NETWORK_NAME]: 'lab0' },
    });
    expect(await world.node.machine.must('ip', ['-o', '-4', 'addr', 'show', 'dev', 'lab0'])).toContain(
      '172.16.0.254/16',
    );
    const listed = await docker('network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}');
    expect(listed.split('\n').sort()).toEqual(['host host local', 'lab nat local', 'nat nat local', 'none null local']);
    expect(await docker('network', 'ls', '-q', '--no-trunc', '--filter', 'label=tier=back')).toBe(id);
  });

  it('names what an asked for subnet overlaps', async () => {
    const { stderr } = await refused('network', 'create', '--subnet', '172.16.9.0/24', 'twin');
    expect(stderr).toContain(
      'Pool overlaps with other one on this address space: subnet 172.16.9.0/24 overlaps network lab (172.16.0.0/16)',
    );
  });

  it('lets a running container join and leave, with everything that belongs to it', async () => {
    await docker('network', 'create', '--subnet', '10.61.0.0/24', 'back');
    web = await run('web', 'lab', '-p', '8061:80');
    const db = await run('db', 'back');
    expect(await addresses(web)).toEqual(['eth0 172.16.0.1/16']);

    await docker('network', 'connect', '--ip', '10.61.0.77', '--alias', 'api', 'back', 'web');
    expect(await addresses(web)).toEqual(['eth0 172.16.0.1/16', 'eth1 10.61.0.77/24']);
    expect(await routes(web)).toMatch(/^default via 10\.61\.0\.1 dev eth1/m);
    expect(await looksUp(db, 'api')).toEqual(['10.61.0.77']);
    expect(await looksUp(web, 'db')).toEqual(['10.61.0.2']);
    expect(await pings(db, '10.61.0.77')).toBe(true);
    expect(await hostsFile(web)).toContain('10.61.0.77\t');
    const active = Object.values((await inspect('back')).Containers).map((each) => `${each.Name} ${each.IPv4Address}`);
    expect(active.sort()).toEqual(['db 10.61.0.2/24', 'web 10.61.0.77/24']);

    await docker('network', 'disconnect', 'back', 'web');
    expect(await addresses(web)).toEqual(['eth0 172.16.0.1/16']);
    expect(await routes(web)).toMatch(/^default via 172\.16\.0\.254 dev eth0/m);
    expect(await looksUp(db, 'api')).toEqual([]);
    expect(await looksUp(web, 'db')).toEqual([]);
    expect(await pings(db, '10.61.0.77')).toBe(false);
    expect(await hostsFile(web)).not.toContain('10.61.0.77');
  });

  it('moves default route and published ports to the network with the highest priority, and back', async () => {
    const port = `http://${world.node.machine.address}:8061/`;
    const answers = (address: string) =>
      waitFor(async () => (await world.outside.get(port))?.includes(address), {
        ms: 15_000,
        every: 100,
        what: `port 8061 is answered by ${address}`,
      });
    await answers('172.16.0.1');
    await docker('network', 'connect', '--gw-priority', '10', 'back', 'web');
    const [, joined = ''] = await addresses(web);
    expect(joined).toMatch(/^eth2 10\.61\.0\.\d+\/24$/);
    expect(await routes(web)).toMatch(/^default via 10\.61\.0\.1 dev eth2/m);
    await answers(joined.split(/[ /]/)[1]!);
    await docker('network', 'disconnect', 'back', 'web');
    await answers('172.16.0.1');
  });

  it('keeps a running container going without any network', async () => {
    await docker('network', 'disconnect', 'lab', 'web');
    expect(await addresses(web)).toEqual([]);
    await docker('network', 'connect', 'lab', 'web');
    expect(await addresses(web)).toHaveLength(1);
    expect(await pings(web, '172.16.0.254')).toBe(true);
  });

  it('lets a running container join and leave the physical segment', async () => {
    const { outside } = world;
    const segment = outside.address.replace(/\.\d+$/, '');
    const pool = ['--subnet', `${segment}.0/24`, '--gateway', outside.address];
    await docker('network', 'create', '-d', 'transparent', ...pool, 'street');
    await docker('network', 'connect', '--ip', `${segment}.200`, 'street', 'web');
    const [, joined] = await addresses(web);
    expect(joined).toMatch(new RegExp(`^eth\\d ${segment.replaceAll('.', '\\.')}\\.200/24$`));
    expect((await outside.run('ping', ['-c', '1', '-W', '2', `${segment}.200`])).code).toBe(0);
    await docker('network', 'disconnect', 'street', 'web');
    expect(await addresses(web)).toHaveLength(1);
    expect((await outside.run('ping', ['-c', '1', '-W', '1', `${segment}.200`])).code).not.toBe(0);
    await docker('network', 'rm', 'street');
  });

  it('attaches a container that was made and does not run yet', async () => {
    const id = await docker('create', '--name', 'made', '--network', 'back', DEMO_IMAGE, 'serve');
    await docker('network', 'connect', '--ip', '172.16.0.9', 'lab', 'made');
    await docker('start', 'made');
    expect(await addresses(id)).toContain('eth1 172.16.0.9/16');
    await docker('rm', '-f', 'made');
  });

  it('sets a sysctl of an interface that comes before the start, and starts nothing without it', async () => {
    const key = 'net.ipv4.conf.eth1.log_martians';
    const asked = ['--network', 'back', '--sysctl', `${key}=1`];
    const id = await docker('create', '--name', 'made', ...asked, DEMO_IMAGE, 'serve');
    expect((await refused('start', 'made')).stderr).toContain('the container has no interface eth1');
    expect(await docker('inspect', '-f', '{{.State.Status}}', 'made')).toBe('created');
    await docker('network', 'connect', 'lab', 'made');
    await docker('start', 'made');
    const value = () => world.node.inSandbox(id, 'cat', [`/proc/sys/${key.replaceAll('.', '/')}`]);
    expect((await value()).trim()).toBe('1');
    await docker('restart', '--time', '0', 'made');
    expect((await value()).trim()).toBe('1');
    await docker('rm', '-f', 'made');
  });

  it('gives an attachment link-local addresses, a name and sysctls of its own, and shows what was asked for', async () => {
    const id = await docker('create', '--name', 'own', '--network', 'back', DEMO_IMAGE, 'serve');
    const options = {
      'com.docker.network.endpoint.ifname': 'lan0',
      'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1',
    };
    const given = Object.entries(options).flatMap(([key, value]) => ['--driver-opt', `${key}=${value}`]);
    await docker('network', 'connect', '--link-local-ip', '169.254.3.4', ...given, 'lab', 'own');
    const is = async () => {
      const links = await world.node.inSandbox(id, 'ip', ['-o', '-4', 'addr', 'show', 'dev', 'lan0']);
      const logs = await world.node.inSandbox(id, 'cat', ['/proc/sys/net/ipv4/conf/lan0/log_martians']);
      return [...[...links.matchAll(/inet (\S+)/g)].map((found) => found[1]), logs.trim()];
    };
    await docker('start', 'own');
    expect(await is()).toEqual([expect.stringMatching(/^172\.16\./), '169.254.3.4/16', '1']);
    const settings = JSON.parse(
      await docker('inspect', '-f', '{{json .NetworkSettings.Networks.lab}}', 'own'),
    ) as object;
    expect(settings).toMatchObject({ IPAMConfig: { LinkLocalIPs: ['169.254.3.4'] }, DriverOpts: options });
    await docker('restart', '--time', '0', 'own');
    expect(await is()).toEqual([expect.stringMatching(/^172\.16\./), '169.254.3.4/16', '1']);
    await docker('rm', '-f', 'own');
    for (const [wrong, words] of [
      [['--link-local-ip', '10.0.0.1'], 'invalid link-local IP address "10.0.0.1"'],
      [
        ['--driver-opt', 'com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.nope=1'],
        'this kernel does not have',
      ],
    ] as const) {
      expect((await refused('network', 'connect', ...wrong, 'back', 'web')).stderr).toContain(words);
    }
  });

  it('says in Docker’s words why not', async () => {
    expect((await refused('network', 'connect', 'lab', 'web')).stderr).toContain(
      'endpoint with name web already exists in network lab',
    );
    expect((await refused('network', 'rm', 'lab')).stderr).toMatch(
      /error while removing network: network lab has active endpoints \(name:"web" id:"[0-9a-f]{12}"\)/,
    );
    expect((await refused('network', 'rm', 'nat')).stderr).toContain(
      'nat is a pre-defined network and cannot be removed',
    );
    expect((await refused('network', 'inspect', 'nope')).stderr).toContain('network nope not found');
  });

  it('publishes on the address that the network says, and nowhere else', async () => {
    await docker('network', 'create', '-o', 'com.docker.network.bridge.host_binding_ipv4=127.0.0.1', 'closed');
    await run('inner', 'closed', '-p', '8062:80');
    expect(await docker('port', 'inner', '80')).toBe('127.0.0.1:8062');
    const { machine } = world.node;
    const get = () => machine.get('http://127.0.0.1:8062/');
    await waitFor(async () => (await get())?.includes('host: '), { ms: 15_000, every: 100, what: 'the port' });
    expect(await world.outside.get(`http://${machine.address}:8062/`)).toBeUndefined();
    await docker('rm', '-f', 'inner');
    await docker('network', 'rm', 'closed');
  });

  it.each(['host', 'none'])('shows who is on %s, and finds them by it', async (mode) => {
    const id = await run('modal', mode);
    const ps = ['ps', '--no-trunc', '--format', '{{.ID}} {{.Networks}}', '--filter'];
    expect(await docker(...ps, `network=${mode}`)).toBe(`${id} ${mode}`);
    expect(await docker(...ps, `network=${(await inspect(mode)).Id.slice(0, 12)}`)).toBe(`${id} ${mode}`);
    expect((await inspect(mode)).Containers).toMatchObject({ [id]: { Name: 'modal' } });
    await docker('rm', '-f', 'modal');
  });

  it('tells of a run as Docker does, afterwards and live', async () => {
    const format = '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}';
    const env = { ...process.env, DOCKER_HOST: `unix://${world.node.socket}` };
    const live = spawn('docker', ['events', '--filter', 'container=told', '--format', format], { env });
    let heard = '';
    onTestFinished(() => void live.kill());
    live.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
    // What is told of the first one, whose name begins likewise, may come late.
    const told = (lines: string) =>
      lines
        .split('\n')
        .filter((line) => / (told|back)$/.test(line))
        .map((line) => line.replace(/ \S+$/, ''));
    const since = String(Date.now() / 1000);
    await waitFor(
      async () => {
        // A listener's first event shows that it listens.
        await docker('create', '--name', 'told-first', DEMO_IMAGE, 'true');
        await docker('rm', 'told-first');
        return heard.includes('container destroy');
      },
      { ms: 15_000, every: 100, what: 'docker events listens' },
    );
    await docker('run', '--rm', '--name', 'told', '--network', 'back', DEMO_IMAGE, 'true');
    await waitFor(() => told(heard).includes('container destroy'), { ms: 15_000, what: 'the end is told' });
    const life = ['container create', 'container attach', 'network connect', 'container start'];
    const end = ['container die', 'network disconnect', 'container destroy'];
    // Of the network's own events none has the container for its object.
    const own = (events: string[]) => events.filter((event) => event.startsWith('container'));
    expect(own(told(heard))).toEqual(own([...life, ...end]));
    const until = String(Date.now() / 1000);
    const past = await docker('events', '--since', since, '--until', until, '--format', format);
    expect(told(past)).toEqual([...life, ...end]);
  });

  it('prunes what nobody uses, and leaves the machine as it was', async () => {
    await docker('rm', '-f', 'web', 'db');
    const since = String(Date.now() / 1000);
    const pruned = await docker('network', 'prune', '-f');
    expect(pruned.split('\n').slice(1).sort()).toEqual(['back', 'lab']);
    for (const kind of ['container', 'image', 'volume']) await docker(kind, 'prune', '-f');
    const range = ['--since', since, '--until', String(Date.now() / 1000), '--filter', 'event=prune'];
    const told = await docker('events', ...range, '--format', '{{.Type}} {{.Action}}');
    expect(told.split('\n')).toEqual(['network prune', 'container prune', 'image prune', 'volume prune']);
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
