import { newId } from '#lib/common';
import { NodeNames, type OverlayPeer } from '#lib/domain';
import { driverFor, RULE_SOURCES } from '#lib/drivers';
import type { Host } from '#lib/host';
import { attach, container, contextOn, network } from '../../libs/drivers/src/testing/fixtures.js';
import { Lab } from '../../libs/drivers/src/testing/lab.js';
import type { Comparison } from '../measure.js';
import { takeTurns } from '../turns.js';
import { IPERF_PORT, listenAt, throughput, type Place } from './iperf.js';

const SUBNET = '10.0.1.0/24';
const MTU = 1450;

/** One of two nodes with a container on the network. */
interface End {
  host: Host;
  vtep: string;
  address: string;
  mac: string;
}

/** One TCP connection between containers of two nodes: by the driver, and by VXLAN, bridge and veth made by hand. */
export async function measureOverlay(rounds: number): Promise<Comparison> {
  const lab = new Lab();
  const made: (() => Promise<void>)[] = [];
  try {
    await lab.segment(['far', 'hand', 'other']);
    const ends = (a: Host, b: Host, vteps: [string, string]): [End, End] => [
      { host: a, vtep: vteps[0], address: '10.0.1.10', mac: '02:00:00:00:01:10' },
      { host: b, vtep: vteps[1], address: '10.0.1.11', mac: '02:00:00:00:01:11' },
    ];
    const bySkep = ends(lab.host, lab.hostOf('far'), ['192.0.2.1', '192.0.2.2']);
    const byHand = ends(lab.hostOf('hand'), lab.hostOf('other'), ['192.0.2.3', '192.0.2.4']);
    const skep = await both(bySkep, (own, peer) => endBySkep(own, peer, made));
    const hand = await both(byHand, (own, peer) => endByHand(lab, own, peer));
    for (const { server } of [skep, hand]) await listenAt(lab, server);
    await lab.carriers();
    const figures = await takeTurns(rounds, {
      skep: async () => throughput(lab, skep.client, skep.server),
      hand: async () => throughput(lab, hand.client, hand.server),
    });
    return {
      what: 'throughput: overlay, between two nodes',
      unit: 'Gbit/s',
      skep: figures.skep,
      peer: `VXLAN made by hand, MTU ${MTU}`,
      theirs: figures.hand,
      bar: { relation: '>=', ratio: 0.97 },
    };
  } finally {
    for (const remove of made) await remove();
    await lab.close();
  }
}

async function both(
  [one, two]: [End, End],
  make: (own: End, peer: End) => Promise<string>,
): Promise<{ client: string; server: Place }> {
  const client = await make(one, two);
  const netns = await make(two, one);
  return { client, server: { netns, address: two.address, port: IPERF_PORT } };
}

async function endBySkep(own: End, peer: End, made: (() => Promise<void>)[]): Promise<string> {
  const { host } = own;
  const names = new NodeNames(newId());
  const context = contextOn(host, names);
  const peers: OverlayPeer[] = [{ mac: peer.mac, ipv4: peer.address, vtep: peer.vtep }];
  const overlay = { vni: 4097, local: own.vtep, port: 4789, peers };
  const on = network(names, 'bench', [SUBNET], { driver: 'overlay', overlay });
  const at = attach(on, container('box'), { ipv4: own.address, mac: own.mac });
  const netns = names.netns(at.container.id);
  await driverFor('overlay').ensureNetwork(on, context);
  await host.createNetns(netns);
  made.push(() => host.removeNetns(netns));
  await driverFor('overlay').ensureEndpoint(at, context);
  const links = new Map(host.links().map((link) => [link.name, link]));
  for (const source of RULE_SOURCES) {
    const containers = [at.container];
    host.nft(source.rules({ names, networks: [on], containers, attached: containers, services: [], links }));
  }
  return netns;
}

async function endByHand(lab: Lab, own: End, peer: End): Promise<string> {
  const { host, address, mac, vtep } = own;
  const box = await lab.namespace(`box${address.split('.')[3]}`);
  const vxlan = ['type', 'vxlan', 'id', '4097', 'local', vtep, 'dstport', '4789', 'nolearning'];
  const mtu = ['mtu', String(MTU)];
  await host.ip([
    ['link', 'add', 'name', 'br0', ...mtu, 'type', 'bridge'],
    ['link', 'add', 'name', 'vx0', ...mtu, ...vxlan],
    ['link', 'set', 'dev', 'vx0', 'master', 'br0'],
    [
      'link',
      'add',
      'name',
      'box',
      ...mtu,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'address',
      mac,
      ...mtu,
      'netns',
      box,
    ],
    ['link', 'set', 'dev', 'box', 'master', 'br0'],
    ...['br0', 'vx0', 'box'].map((name) => ['link', 'set', 'dev', name, 'up']),
  ]);
  await host.forward('vx0', { remove: [], put: [{ table: 'tunnel', mac: peer.mac, to: peer.vtep }] });
  await host.ip(
    [
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'dev', 'eth0', 'up'],
      ['neigh', 'add', peer.address, 'lladdr', peer.mac, 'dev', 'eth0', 'nud', 'permanent'],
    ],
    box,
  );
  return box;
}
