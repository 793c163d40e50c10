import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DockerLab } from './harness/docker-lab.js';
import { TestProject } from './harness/project.js';
import { useSample } from './harness/sample.js';
import { useWorld } from './harness/world.js';

describe('sample ports-aliases-links', () => {
  const world = useWorld();
  const sample = useSample(world, 'ports-aliases-links');
  let project: TestProject;
  let web: string;

  beforeAll(async () => {
    ({ project } = sample);
    web = (await project.addresses('web', 'default'))[0]!;
  });

  const outside = (port: number) => world.outside.get(`http://${world.node.machine.address}:${port}/`);
  const answered = (ask: () => Promise<string | undefined>, what: string) =>
    waitFor(async () => (await ask())?.includes(`: ${web}`), { ms: 15_000, every: 100, what });

  it('answers on every published port', async () => {
    await answered(() => outside(8087), 'short form');
    await answered(() => outside(8089), 'long form');
    const { ports } = await project.container('web');
    const free = ports.find((port) => port.containerPort === 80 && ![8087, 8088, 8089].includes(port.hostPort));
    expect(free?.hostPort).toBeGreaterThanOrEqual(32_768);
    await answered(() => outside(free!.hostPort), 'a free port');
    expect(
      ports.filter(({ containerPort }) => containerPort > 8_000).map((port) => [port.hostPort, port.containerPort]),
    ).toEqual([
      [8090, 8080],
      [8091, 8081],
    ]);
  });

  it('keeps a port of 127.0.0.1 to the node', async () => {
    await answered(() => world.node.machine.get('http://127.0.0.1:8088/'), '127.0.0.1:8088');
    expect(await outside(8088)).toBeUndefined();
    // Nor by a packet for 127.0.0.1 that is sent to the node over the wire.
    await world.outside.must('sysctl', ['-qw', 'net.ipv4.conf.all.route_localnet=1']);
    await world.outside.must('ip', ['addr', 'flush', 'dev', 'lo']);
    await world.outside.must('ip', ['route', 'replace', '127.0.0.1/32', 'via', world.node.machine.address]);
    expect(await world.outside.get('http://127.0.0.1:8088/')).toBeUndefined();
  });

  it('leads connections to the port that was asked for, with the address of who asked', async () => {
    expect(await outside(8087)).toContain(`client: ${world.outside.address}`);
  });

  it('answers to aliases for everybody, and to links for who has them', async () => {
    for (const name of ['web', 'shop', 'www.shop.example', 'link']) {
      expect(await project.lookup('client', name)).toEqual([web]);
    }
    expect(await project.lookup('other', 'shop')).toEqual([web]);
    expect(await project.lookup('other', 'link')).toEqual([]);
    expect(await project.fetch('client', 'http://link/')).toContain(`eth0: ${web}`);
  });

  it('finds itself by its alias before it is healthy, and so becomes it; until then nobody else does', async () => {
    const lab = new DockerLab(world);
    const checks = ['--health-interval=200ms', '--health-retries=1000', '--health-cmd'];
    const alias = ['--network=ports-aliases-links_default', '--network-alias=broker'];
    // Once its address is known to itself, it waits for a word from outside.
    const check = 'wget -q -O /tmp/self http://broker/ && test -e /tmp/go';
    await lab.serve('broker-1', ...alias, ...checks, check);
    const own = () => world.node.docker(['exec', 'broker-1', 'cat', '/tmp/self']);
    await waitFor(async () => (await own()).stdout.includes('eth0: '), {
      ms: 15_000,
      every: 200,
      what: 'it finds itself',
    });
    expect(await project.lookup('client', 'broker')).toEqual([]);
    await lab.docker('exec', 'broker-1', 'touch', '/tmp/go');
    const address = await lab.addressOf('broker-1');
    const found = async () => (await project.lookup('client', 'broker')).join() === address;
    await waitFor(found, { ms: 15_000, every: 200, what: 'others find it' });
    await lab.docker('rm', '-f', 'broker-1');
  });

  it('refuses a port that is taken, says who has it, and makes nothing', async () => {
    const second = TestProject.sample(world.node, 'ports-aliases-links', 'compose.yaml', 'second');
    const { code, stdout, stderr } = await second.skep('up', '-d');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('port is already allocated');
    expect(stdout + stderr).toContain('ports-aliases-links-web-1');
    expect(await world.node.must(['ls'])).not.toContain('second');
  });

  it('closes the ports and leaves nothing when it goes', async () => {
    await project.down();
    expect(await outside(8087)).toBeUndefined();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
