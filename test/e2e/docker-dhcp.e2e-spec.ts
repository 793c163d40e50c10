import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captured } from './harness/captured.js';
import { DhcpServer } from './harness/dhcp-server.js';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const CONTAINERS = 20;
/** RFC 2132, 9.6: the message type (option 53) is the first option of busybox's client; 7 is a release. */
const RELEASE = 'udp dst port 67 and udp[248:2] = 0x3501 and udp[250] = 7';

describe('docker run on a transparent network without a subnet', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  const names = Array.from({ length: CONTAINERS }, (_, n) => `c${n}`);
  let before: Snapshot;
  let server: DhcpServer;
  const run = (name: string) =>
    world.node.docker(['run', '-d', '--name', name, '--network', 'lan', DEMO_IMAGE, 'serve']);
  const must = async (...args: string[]) => (await world.node.mustDocker(args)).trim();
  const addressOf = (name: string) => must('inspect', '-f', '{{.NetworkSettings.Networks.lan.IPAddress}}', name);
  const clients = () => readdir(join(world.node.folder, 'exec/dhcp'));

  beforeAll(async () => {
    server = new DhcpServer(world.outside, 'switch');
    before = await world.node.settled();
    await must('network', 'create', '-d', 'transparent', 'lan');
  });
  afterAll(() => server.end());

  describe('where no server answers', () => {
    it('fails as Docker fails, and says what to check', async () => {
      const quiet = await world.node.settled();
      const { code, stdout, stderr } = await run('early');
      expect(code).toBe(125);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^docker: Error response from daemon: container early got no address on network lan: /);
      expect(stderr).toContain('no DHCP server answered on uplink within 6 s');
      expect(stderr).toContain('Check that a server serves this segment and can be reached');
      expect(stderr).toContain('MAC address spoofing');
      expect(await must('ps', '--all', '--quiet', '--no-trunc')).toBe('');
      expect(await world.node.returnsTo(quiet)).toEqual(quiet);
      expect(await clients()).toEqual([]);
    });

    it('fails likewise at the start of one that is there; the start works when the server is', async () => {
      await server.serve(50, 99);
      expect(await run('late')).toMatchObject({ code: 0, stderr: '' });
      await must('stop', '-t', '0', 'late');
      await server.end();
      const stopped = await world.node.settled();
      const refused = await world.node.docker(['start', 'late']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('container late got no address on network lan');
      expect(await must('inspect', '-f', '{{.State.Status}} {{.State.Running}}', 'late')).toBe('exited false');
      expect(await world.node.returnsTo(stopped)).toEqual(stopped);
      await server.serve(50, 99);
      expect(await must('inspect', '-f', '{{.State.Running}}', 'late')).toBe('false');
      expect(await must('start', 'late')).toBe('late');
      await lab.answersSegment(await addressOf('late'));
      await must('rm', '-f', 'late');
    });
  });

  it(`gives each of ${CONTAINERS} at once a lease of its own, which inspect, names and the wire agree on`, async () => {
    await server.serve(100, 149);
    const ran = await Promise.all(names.map(run));
    expect(ran.filter(({ code }) => code !== 0)).toEqual([]);
    const addresses = await Promise.all(names.map(addressOf));
    expect(new Set(addresses).size).toBe(CONTAINERS);
    expect(addresses.filter((each) => !/\.1[0-4]\d$/.test(each))).toEqual([]);
    const [{ Containers }] = JSON.parse(await must('network', 'inspect', 'lan')) as [
      { Containers: Record<string, { Name: string; IPv4Address: string }> },
    ];
    const listed = Object.values(Containers).map(({ Name, IPv4Address }) => [Name, IPv4Address]);
    expect(listed.sort()).toEqual(names.map((name, n) => [name, `${addresses[n]}/24`]).sort());
    for (const [n, name] of names.entries()) {
      // With the dot: busybox's nslookup asks for nothing but NAME.SEARCH otherwise.
      const answer = await must('exec', names[(n + 1) % CONTAINERS]!, 'nslookup', `${name}.`);
      expect(
        answer
          .split('\n')
          .filter((line) => line.startsWith('Address'))
          .at(-1),
      ).toContain(addresses[n]);
      await lab.answersSegment(addresses[n]!);
    }
  }, 180_000);

  it('gives all leases back when they are removed, and the machine is as before', async () => {
    const addresses = await Promise.all(names.map(addressOf));
    const wire = await captured(world.outside.path, 'switch', () => must('rm', '-f', ...names));
    const sources = wire.lines(RELEASE).map((line) => / (\S+)\.68 > /.exec(line)?.[1]);
    expect(sources.sort()).toEqual([...addresses].sort());
    // The server has them to give again: a pool that is just as large is enough for the next twenty.
    expect((await Promise.all(names.map(run))).filter(({ code }) => code !== 0)).toEqual([]);
    await must('rm', '-f', ...names);
    await must('network', 'rm', 'lan');
    expect(await world.node.returnsTo(before)).toEqual(before);
    expect(await clients()).toEqual([]);
  }, 180_000);
});
