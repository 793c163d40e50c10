import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DhcpServer } from './harness/dhcp-server.js';
import { digTimes } from './harness/dig.js';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

interface Attachment {
  IPAddress: string;
  IPPrefixLen: number;
  Gateway: string;
  MacAddress: string;
  Aliases: string[] | null;
}

/** Containers join and leave networks on the physical segment by the docker CLI, while they run and before they start. */
describe('docker network connect and disconnect on the physical segment', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;
  let pool: string[];
  const at = (last: number) => `${segment}.${last}`;

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    pool = ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address];
    // For l2tunnel; the other drivers send nothing that would have to come back.
    await world.outside.must('ip', ['link', 'set', 'dev', 'port1', 'type', 'bridge_slave', 'hairpin', 'on']);
    await lab.docker('network', 'create', 'home');
    before = await world.node.settled();
  });

  afterEach(async () => {
    const ids = (await lab.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await lab.docker('rm', '-f', ...ids);
  });
  afterAll(async () => void (await world.node.docker(['network', 'rm', 'lan'])));

  const attachment = async (container: string): Promise<Attachment | undefined> =>
    (
      JSON.parse(await lab.docker('inspect', '-f', '{{json .NetworkSettings.Networks}}', container)) as Record<
        string,
        Attachment
      >
    )['lan'];
  const links = async (container: string) => {
    const id = await lab.docker('inspect', '-f', '{{.Id}}', container);
    const found = JSON.parse(await world.node.inSandbox(id, 'ip', ['-j', 'link'])) as { ifname: string }[];
    return found.map(({ ifname }) => ifname);
  };
  const members = async () => Object.values((await lab.network('lan')).Containers).map(({ Name }) => Name);
  const resolves = (id: string, name: string, address: string) =>
    waitFor(async () => (await digTimes(world.node, id, name, 1, 'udp'))[0]?.[0] === address, {
      ms: 5000,
      every: 100,
      what: `${name} is ${address}`,
    });
  const silent = async (address: string) =>
    expect((await world.outside.run('ping', ['-c', '1', '-W', '1', address])).code).not.toBe(0);
  /** Whom the node knows; addresses that it asked for in vain are nobody. */
  const neighbours = async () =>
    (await world.node.machine.must('ip', ['neigh', 'show']))
      .split('\n')
      .filter((line) => !/FAILED|INCOMPLETE/.test(line))
      .join('\n');

  describe('transparent with addresses by DHCP', () => {
    let server: DhcpServer;
    let heard = '';
    let ear: ReturnType<typeof spawn>;

    beforeAll(async () => {
      server = new DhcpServer(world.outside, 'switch');
      await server.serve(100, 149);
      const argv = [`--net=${world.outside.path}`, 'tcpdump', '-i', 'switch', '-n', '-l', '-v', 'udp', 'port', '67'];
      ear = spawn('nsenter', argv, { stdio: 'pipe' });
      for (const stream of [ear.stdout, ear.stderr]) stream?.setEncoding('utf8').on('data', (text) => (heard += text));
      await waitFor(() => heard.includes('listening on'), { ms: 10_000, every: 50, what: 'tcpdump listens' });
      await lab.docker('network', 'create', '-d', 'transparent', 'lan');
    });
    afterAll(async () => {
      const ended = once(ear, 'exit');
      ear.kill();
      await ended;
      await server.end();
      await lab.docker('network', 'rm', 'lan');
    });
    /** The server was told that the address is free again. */
    const givenBack = (address: string) =>
      waitFor(() => new RegExp(`Client-IP ${address}\\b(?:(?!Client-IP)[^])*Release`).test(heard), {
        ms: 5000,
        every: 50,
        what: `${address} is given back`,
      });

    it('a container that runs gets a lease and gives it back', async () => {
      const id = await lab.serve('web', '--network=home');
      await lab.docker('network', 'connect', '--alias', 'api', 'lan', 'web');
      const { IPAddress: address, ...shown } = (await attachment('web'))!;
      expect(address).toMatch(/\.1[0-4]\d$/);
      expect(shown).toMatchObject({ IPPrefixLen: 24, Gateway: world.outside.address, Aliases: ['api'] });
      expect([await links('web'), await members()]).toEqual([['lo', 'eth0', 'eth1'], ['web']]);
      const answers = async () => (await world.outside.get(`http://${address}/`))?.includes(`host: ${id.slice(0, 12)}`);
      await waitFor(answers, { ms: 10_000, every: 100, what: 'it answers outside' });
      await resolves(id, 'api', (await attachment('web'))!.IPAddress);
      expect(await lab.docker('exec', 'web', 'cat', '/etc/hosts')).toContain(address);

      await lab.docker('network', 'disconnect', 'lan', 'web');
      await givenBack(address);
      await silent(address);
      expect([await attachment('web'), await links('web'), await members()]).toEqual([undefined, ['lo', 'eth0'], []]);
      expect(await lab.docker('exec', 'web', 'cat', '/etc/hosts')).not.toContain(address);
      expect(await neighbours()).not.toContain(`${address} `);
      expect(await lab.refusal('network', 'disconnect', 'lan', 'web')).toContain('is not connected to network lan');
    });

    it('a container that is not started yet gets its lease with the start, and none where it left before', async () => {
      await lab.docker('create', '--name', 'later', '--network', 'home', DEMO_IMAGE, 'serve');
      await lab.docker('network', 'connect', '--alias', 'api', 'lan', 'later');
      await lab.docker('start', 'later');
      const { IPAddress: address } = (await attachment('later'))!;
      expect(address).toMatch(/\.1[0-4]\d$/);
      await lab.docker('stop', '-t', '0', 'later');
      await givenBack(address);
      expect((await attachment('later'))?.IPAddress).toBe('');
      await lab.docker('network', 'disconnect', 'lan', 'later');
      await lab.docker('start', 'later');
      expect([await attachment('later'), await links('later')]).toEqual([undefined, ['lo', 'eth0']]);
    });

    it('no address can be asked for, because the server gives them', async () => {
      await lab.serve('web', '--network=home');
      expect(await lab.refusal('network', 'connect', '--ip', at(9), 'lan', 'web')).toMatch(/lan/);
      expect([await attachment('web'), await links('web')]).toEqual([undefined, ['lo', 'eth0']]);
    });
  });

  it.each([
    ['transparent', 60],
    ['l2bridge', 70],
    ['l2tunnel', 80],
  ] as const)('%s with a subnet: --ip and --alias, while it runs and before', async (driver, first) => {
    await lab.docker('network', 'create', '-d', driver, ...pool, 'lan');
    const peer = await lab.serve('peer', '--network=lan', `--ip=${at(first)}`);
    const web = await lab.serve('web', '--network=home');
    await lab.docker('create', '--name', 'later', '--network', 'home', DEMO_IMAGE, 'serve');
    for (const [name, last] of [
      ['web', first + 1],
      ['later', first + 2],
    ] as const) {
      await lab.docker('network', 'connect', '--ip', at(last), '--alias', `${name}-api`, 'lan', name);
    }
    await lab.docker('start', 'later');
    const later = await lab.docker('inspect', '-f', '{{.Id}}', 'later');
    for (const [name, id, last] of [
      ['web', web, first + 1],
      ['later', later, first + 2],
    ] as const) {
      expect(await attachment(name)).toMatchObject({
        IPAddress: at(last),
        IPPrefixLen: 24,
        Aliases: [`${name}-api`],
      });
      await lab.answersOutside(`http://${at(last)}/`, id);
      await resolves(peer, `${name}-api`, at(last));
      expect(await lab.pings('peer', at(last))).toBe(true);
    }
    for (const name of ['web', 'later']) await lab.docker('network', 'disconnect', 'lan', name);
    expect([await links('web'), await links('later'), await members()]).toEqual([
      ['lo', 'eth0'],
      ['lo', 'eth0'],
      ['peer'],
    ]);
    for (const last of [first + 1, first + 2]) {
      await silent(at(last));
      expect(await lab.pings('peer', at(last))).toBe(false);
      expect(await neighbours()).not.toContain(`${at(last)} dev`);
    }
    expect(await lab.refusal('network', 'connect', '--ip', at(first), 'lan', 'web')).toContain('already in use');
    await lab.docker('rm', '-f', 'peer', 'web', 'later');
    await lab.docker('network', 'rm', 'lan');
    expect(await neighbours()).not.toMatch(new RegExp(`^${segment}\\.[678][012] `, 'm'));
  });

  it('leaves nothing behind', async () => {
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
