import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { captured } from './harness/captured.js';
import { DEMO_IMAGE, ROOT } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { must } from './harness/process.js';
import { useWorld } from './harness/world.js';

const DRIVERS = ['nat', 'transparent', 'l2bridge', 'l2tunnel'] as const;
type Driver = (typeof DRIVERS)[number];

/** From whom to whom, and where that is promised (docs/guide/networks.md, "Who reaches whom"). */
const ROWS = [
  { from: 'peer', to: 'web', what: 'a container to one of its network, same node', promised: [...DRIVERS] },
  { from: 'stranger', to: 'web', what: 'a container of another (nat) network, same node', promised: DRIVERS.slice(1) },
  { from: 'web', to: 'stranger', what: 'a container to one of another (nat) network, same node', promised: [] },
  { from: 'far', to: 'web', what: 'a container of another node', promised: DRIVERS.slice(1) },
  { from: 'web', to: 'outside', what: 'a container to the outside', promised: [...DRIVERS] },
  { from: 'outside', to: 'web', what: 'the outside to a container', promised: DRIVERS.slice(1) },
  { from: 'outside', to: 'published', what: 'the outside to a published port', promised: ['nat'] },
  { from: 'far', to: 'published', what: 'a container of another node to a published port', promised: ['nat'] },
  { from: 'node', to: 'web', what: 'the node to its container', promised: [...DRIVERS] },
  { from: 'web', to: 'node', what: 'a container to its node', promised: [...DRIVERS] },
] as const satisfies { from: string; to: string; what: string; promised: Driver[] }[];

const PROBE = join(import.meta.dirname, 'harness/probe.mjs');
const PORT = 7777;
const PUBLISHED = 7778;
const FAMILIES = ['IPv4', 'IPv6'] as const;

/** Where probes run, and the addresses they are sent to: IPv4, IPv6. */
interface Place {
  netns: string;
  addresses: [string, string];
}

describe('who reaches whom', () => {
  const world = useWorld(2);
  const servers: ChildProcess[] = [];
  const seen = new Map<string, string>();
  let segment: string;
  const v6 = (last: number) => `fd99::${last}`;

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    const machines = [world.outside, ...world.nodes.map(({ machine }) => machine)];
    for (const [n, machine] of machines.entries()) {
      const link = n === 0 ? 'switch' : 'uplink';
      await machine.must('ip', ['addr', 'add', `${v6(n + 2)}/64`, 'dev', link, 'nodad']);
    }
    for (const { machine } of world.nodes) await machine.must('ip', ['route', 'add', 'default', 'via', v6(2)]);
    // Everybody knows the way to the private subnets: what does not arrive was refused.
    await world.outside.must('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
    for (const machine of [world.outside, world.nodes[1]!.machine]) {
      await machine.must('ip', ['route', 'add', '10.81.0.0/16', 'via', world.node.machine.address]);
      await machine.must('ip', ['route', 'add', 'fd81::/32', 'via', v6(3)]);
    }
  });

  afterAll(() => {
    for (const server of servers) server.kill();
    process.stdout.write(`${tableOf(seen)}\n`);
  });

  const listen = async ({ netns, addresses }: Place) => {
    const argv = [`--net=${netns}`, process.execPath, PROBE, 'listen', String(PORT), ...addresses];
    const server = spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    servers.push(server);
    await Promise.race([once(server.stdout, 'data'), once(server, 'exit').then(() => expect.fail('no probe listens'))]);
  };

  const start = async (
    node: TestNode,
    name: string,
    network: string,
    addresses: Place['addresses'],
    ...more: string[]
  ) => {
    const at = ['--network', network, '--ip', addresses[0], '--ip6', addresses[1]];
    const id = (await node.mustDocker(['run', '-d', '--name', name, ...at, ...more, DEMO_IMAGE, 'idle'])).trim();
    return { netns: node.sandboxPath(id), addresses };
  };

  const create = (node: TestNode, name: string, driver: string, pools: string[]) =>
    node.mustDocker(['network', 'create', '-d', driver, '--ipv6', ...pools, name]);

  const ask = async ({ netns }: Place, to: Place, port: number) => {
    const pairs = to.addresses.flatMap((address) => [address, `${port === PORT ? 'i' : ''}${port}`]);
    const said = await must('nsenter', [`--net=${netns}`, process.execPath, PROBE, 'ask', ...pairs]);
    const answered = JSON.parse(said) as Record<string, string[]>;
    return to.addresses.flatMap((address, n) =>
      (answered[`${address} ${port}`] ?? []).map((each) => `${FAMILIES[n]} ${each}`),
    );
  };

  /** The networks and containers of one driver on both nodes, with probes that answer. */
  const populate = async (driver: Driver): Promise<Record<string, Place>> => {
    const [node, other] = [world.node, world.nodes[1]!];
    const lan = [
      '--subnet',
      `${segment}.0/24`,
      '--gateway',
      world.outside.address,
      '--subnet',
      'fd99::/64',
      '--gateway',
      v6(2),
    ];
    const own = (n: number) => ['--subnet', `10.8${n}.0.0/24`, '--subnet', `fd8${n}::/64`];
    const at = (n: number): Place['addresses'] =>
      driver === 'nat' ? [`10.81.0.${n}`, `fd81::${n}`] : [`${segment}.${n}`, v6(n)];
    await create(node, 'lan', driver, driver === 'nat' ? own(1) : lan);
    await create(other, 'lan', driver, driver === 'nat' ? own(2) : lan);
    await create(node, 'private', 'nat', ['--subnet', '10.81.9.0/24', '--subnet', 'fd81:0:9::/64']);
    const ports = ['-p', `${PUBLISHED}:${PORT}`, '-p', `${PUBLISHED}:${PORT}/udp`];
    const nodeAddresses: Place['addresses'] = [node.machine.address, v6(3)];
    const places = {
      web: await start(node, 'web', 'lan', at(100), ...ports),
      peer: await start(node, 'peer', 'lan', at(101)),
      far: await start(other, 'far', 'lan', driver === 'nat' ? ['10.82.0.102', 'fd82::102'] : at(102)),
      stranger: await start(node, 'stranger', 'private', ['10.81.9.103', 'fd81:0:9::103']),
      node: { netns: node.machine.path, addresses: nodeAddresses },
      published: { netns: node.machine.path, addresses: nodeAddresses },
      outside: { netns: world.outside.path, addresses: [world.outside.address, v6(2)] as Place['addresses'] },
    };
    for (const each of [places.web, places.stranger, places.node, places.outside]) await listen(each);
    return places;
  };

  const clear = async () => {
    for (const server of servers.splice(0)) {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    }
    for (const node of world.nodes) {
      const ids = (await node.mustDocker(['ps', '-aq'])).split('\n').filter(Boolean);
      if (ids.length > 0) await node.mustDocker(['rm', '-f', ...ids]);
      await node.mustDocker(['network', 'prune', '-f']);
    }
  };

  describe.each(DRIVERS)('%s', (driver) => {
    let places: Record<string, Place>;
    beforeAll(async () => {
      const hairpin = driver === 'l2tunnel' ? 'on' : 'off';
      for (const port of ['port1', 'port2']) {
        await world.outside.must('ip', ['link', 'set', 'dev', port, 'type', 'bridge_slave', 'hairpin', hairpin]);
      }
      places = await populate(driver);
    });
    afterAll(clear);

    it.each(ROWS)('$what', async ({ from, to, what, promised }) => {
      const port = to === 'published' ? PUBLISHED : PORT;
      const protocols = to === 'published' ? ['tcp', 'udp'] : ['tcp', 'udp', 'icmp'];
      const every = FAMILIES.flatMap((family) => protocols.map((protocol) => `${family} ${protocol}`));
      const found = await ask(places[from]!, places[to]!, port);
      const word = found.length === 0 ? 'no' : found.length === every.length ? 'yes' : found.join(', ');
      seen.set(`${what} ${driver}`, word);
      expect(found).toEqual((promised as readonly Driver[]).includes(driver) ? every : []);
    });

    it('what leaves the node shows on the wire whose it is, and no address that is private', async () => {
      const web = places['web']!;
      const [link] = JSON.parse(await must('nsenter', [`--net=${web.netns}`, 'ip', '-j', 'link', 'show', 'eth0']));
      const [uplink] = JSON.parse(await world.node.machine.must('ip', ['-j', 'link', 'show', 'uplink']));
      const wire = await captured(world.outside.path, 'port1', () => ask(web, places['outside']!, PORT));
      const own = web.addresses.map((address) => `host ${address}`).join(' or ');
      const sent = wire.lines(`(src ${own.replace(' or ', ' or src ')}) and not arp`);
      if (driver === 'nat') {
        expect(wire.lines(own)).toEqual([]);
        expect(wire.holds(link.address)).toBe(false);
        return;
      }
      const mac = driver === 'transparent' ? link.address : uplink.address;
      expect(sent).not.toEqual([]);
      expect(sent.filter((line) => !line.includes(` ${mac} > `))).toEqual([]);
      if (driver !== 'transparent') expect(wire.holds(link.address)).toBe(false);
      expect(wire.lines('vlan')).toEqual([]);
    });

    it('to another (nat) network nothing is in the way but the rules of that one', async () => {
      const { machine, kernelNames } = world.node;
      const reached = () => ask(places['web']!, places['stranger']!, PORT);
      const every = FAMILIES.flatMap((family) => ['tcp', 'udp', 'icmp'].map((protocol) => `${family} ${protocol}`));
      const withoutRules = async () => {
        await machine.must('nft', [`flush chain inet ${kernelNames.nftTable} isolate`]);
        return (await reached()).length === every.length;
      };
      // skep puts the chain back whenever it looks, which may be in the middle of a question.
      await waitFor(withoutRules, { ms: 30_000, every: 10, what: 'it is reached where they are not there' });
      const shut = async () => (await reached()).length === 0;
      await waitFor(shut, { ms: 30_000, every: 100, what: 'it is isolated again, by the rules that skep put back' });
    });
  });

  it('is the table of the guide', async () => {
    expect(await readFile(join(ROOT, 'docs/guide/networks.md'), 'utf8')).toContain(tableOf(seen));
  });
});

/** As it is in the guide. */
function tableOf(seen: ReadonlyMap<string, string>): string {
  const rows = ROWS.map(({ what }) => [what, ...DRIVERS.map((driver) => seen.get(`${what} ${driver}`) ?? '?')]);
  return [['from and to', ...DRIVERS], ['---', ...DRIVERS.map(() => '---')], ...rows]
    .map((row, n) => (n === 1 ? `|${row.join('|')}|` : `| ${row.join(' | ')} |`))
    .join('\n');
}
