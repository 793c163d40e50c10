import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { captured } from './harness/captured.js';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const SHIM = 'com.docker.network.windowsshim';
const OWN = '10.83.0';
const DRIVERS = ['nat', 'transparent', 'l2bridge', 'l2tunnel'];

/** Options whose effect is seen from outside; those of DNS, VLANs, names and interfaces have tests of their own. */
describe('options of network drivers, by the docker CLI', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;
  const pool = (driver: string) =>
    driver === 'nat'
      ? ['--subnet', `${OWN}.0/24`, '--gateway', `${OWN}.1`]
      : ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address, '--ip-range', `${segment}.128/26`];
  const create = (driver: string, ...options: string[]) =>
    lab.docker('network', 'create', '-d', driver, ...pool(driver), ...options.flatMap((each) => ['-o', each]), 'lan');

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    await world.outside.must('ip', ['route', 'add', `${OWN}.0/24`, 'via', world.node.machine.address]);
    before = await world.node.settled();
  });

  /** Sources of the echo requests that the outside sees while a container asks it. */
  const sourcesOutside = async (container: string, to: string) => {
    const wire = await captured(world.outside.path, 'switch', async () => {
      expect(await lab.pings(container, to)).toBe(true);
    });
    const lines = wire.lines(`icmp[icmptype] = icmp-echo and dst host ${to}`);
    return new Set(lines.map((line) => / (\d+(?:\.\d+){3}) > /.exec(line)?.[1]));
  };

  afterEach(async () => {
    const ids = (await lab.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await lab.docker('rm', '-f', ...ids);
    await lab.docker('network', 'prune', '-f');
  });

  it.each([
    ['nothing: the node stands for its containers', 9, [], 'node', 'node'],
    [
      'enable_outboundnat=false: containers leave with their own addresses',
      10,
      ['enable_outboundnat=false'],
      'own',
      'own',
    ],
    [
      'outboundnat_exceptions: towards those prefixes alone',
      11,
      ['outboundnat_exceptions=10.88.0.0/16'],
      'node',
      'own',
    ],
  ])('%s', async (_what, last, options, plainly, excepted) => {
    await world.outside.must('ip', ['addr', 'replace', '10.88.0.1/32', 'dev', 'switch']);
    await create('nat', ...options.map((each) => `${SHIM}.${each}`));
    await lab.serve('web', '--network=lan', `--ip=${OWN}.${last}`);
    const from = { node: world.node.machine.address, own: `${OWN}.${last}` };
    const seen = [await sourcesOutside('web', world.outside.address), await sourcesOutside('web', '10.88.0.1')];
    expect(seen).toEqual([plainly, excepted].map((each) => new Set([from[each as keyof typeof from]])));
  });

  it.each(DRIVERS)('mtu of %s: frames are no larger, inside and on the wire', async (driver) => {
    await create(driver, 'com.docker.network.driver.mtu=1400');
    await lab.serve('web', '--network=lan');
    expect(await lab.docker('exec', 'web', 'cat', '/sys/class/net/eth0/mtu')).toBe('1400');
    // 28 bytes of headers; the outside would take 1500.
    const fits = (size: number) =>
      world.node.docker(['exec', 'web', 'ping', '-c', '1', '-W', '2', '-s', String(size - 28), world.outside.address]);
    const wire = await captured(world.outside.path, 'port1', async () => {
      expect((await fits(1400)).code).toBe(0);
      // It leaves in fragments. The answer is whole: on a segment, whose frames nobody divides, it is too large to come in.
      await fits(1480);
    });
    expect(wire.lines('icmp[icmptype] = icmp-echo and greater 1414')).not.toEqual([]);
    expect(wire.lines(`ip and dst host ${world.outside.address} and ip[2:2] > 1400`)).toEqual([]);
    expect(wire.lines(`dst host ${world.outside.address} and ip[6:2] & 0x1fff != 0`)).not.toEqual([]);
  });

  it.each(['nat', 'transparent', 'l2bridge'])(
    'macpool of %s: MACs are of the pool, as far as it goes',
    async (driver) => {
      await create(driver, `${SHIM}.macpool=02-00-00-00-aa-00-02-00-00-00-aa-01`);
      const macOf = async (name: string) => {
        await lab.serve(name, '--network=lan');
        const shown = await lab.docker(
          'inspect',
          '-f',
          '{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}',
          name,
        );
        expect(await lab.docker('exec', name, 'cat', '/sys/class/net/eth0/address')).toBe(shown);
        return shown;
      };
      const given = [await macOf('one'), await macOf('two')];
      expect(given.sort()).toEqual(['02:00:00:00:aa:00', '02:00:00:00:aa:01']);
      expect(await lab.refusal('run', '-d', '--network=lan', DEMO_IMAGE, 'idle')).toMatch(/macpool|MAC/);
    },
  );

  it.each(DRIVERS)('those without an effect are stored and shown, and %s says so when it is made', async (driver) => {
    const options = Object.fromEntries(
      ['hnsid', 'hnsowned', 'vsid', 'routingdomain', 'sourcemac'].map((key) => [`${SHIM}.${key}`, 'x']),
    );
    const config = [
      driver === 'nat' ? { Subnet: `${OWN}.0/24` } : { Subnet: `${segment}.0/24`, Gateway: world.outside.address },
    ];
    const body = { Name: 'lan', Driver: driver, IPAM: { Config: config }, Options: options };
    const { Warning } = JSON.parse(await world.node.api('POST', '/v1.41/networks/create', body)) as { Warning: string };
    for (const key of Object.keys(options)) expect(Warning).toContain(`option ${key} has no effect here`);
    expect((await lab.network('lan')).Options).toMatchObject(options);
  });

  it.each(DRIVERS)('an unknown one is refused by %s with the closest that there is', async (driver) => {
    const words = ['network', 'create', '-d', driver, ...pool(driver), '-o', `${SHIM}.dnsserver=10.0.0.1`, 'lan'];
    expect(await lab.refusal(...words)).toContain(`unknown option ${SHIM}.dnsserver; did you mean ${SHIM}.dnsservers?`);
    expect(await lab.networks()).not.toContain('lan');
  });

  it('leaves the node as it was', async () => {
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
