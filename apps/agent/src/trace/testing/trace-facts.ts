import type { Container, Endpoint, Network, ObservedContainer } from '#lib/domain';
import type { KnownContainer } from '../../containers/container-directory.js';
import type { NameAnswer, TraceFacts } from '../facts.js';
import { kernelOf } from './healthy-kernel.js';

export const network = (name: string, subnet: string, more: Partial<Network> = {}): Network => ({
  id: name,
  name,
  driver: 'nat',
  pools: [{ subnet, gateway: subnet.replace(/0\/\d+$/, '1') }],
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  linkName: `br-${name}`,
  createdAt: '',
  target: 'present',
  ...more,
});

export const FRONT = network('front', '10.1.0.0/24');
const BACK = network('back', '10.2.0.0/24');
const DARK = network('dark', '10.3.0.0/24', { internal: true });
const APART = network('apart', '10.4.0.0/24', { options: { 'com.docker.network.bridge.enable_icc': 'false' } });
const WIRE = network('wire', '192.168.7.0/24', { driver: 'l2bridge', uplink: 'eth0' });

const LAN = network('lan', '192.168.7.0/24', { driver: 'transparent', uplink: 'eth0' });
const TAGGED = network('tagged', '192.168.7.0/24', { driver: 'transparent', uplink: 'eth0', vlan: 7 });
const TUNNEL = network('tunnel', '192.168.7.0/24', { driver: 'l2tunnel', uplink: 'eth0' });

interface Made extends Partial<Container> {
  at?: Record<string, string>;
  linkLocal?: string[];
  state?: ObservedContainer['state'];
}

export function known(
  name: string,
  { at = {}, linkLocal = [], state = 'running', ...more }: Made = {},
): KnownContainer {
  const endpoints = Object.entries(at).map(([networkId, address], n): Endpoint => ({
    networkId,
    ifName: `eth${n}`,
    [address.includes(':') ? 'ipv6' : 'ipv4']: address,
    linkLocal,
    mac: '',
    aliases: [],
    links: {},
    gwPriority: 0,
    priority: 0,
  }));
  const container = { id: `${name}-id`, name, networkMode: 'bridged', endpoints, ports: [], spec: {}, ...more };
  return {
    container: container as unknown as Container,
    status: { containerId: name, health: 'none', failingStreak: 0, restartCount: 0, finished: false },
    seen: { state, exitCode: 3, pid: 1 } as ObservedContainer,
  };
}

export const answered = (...addresses: string[]): NameAnswer => ({
  rcode: addresses.length > 0 ? 'NOERROR' : 'NXDOMAIN',
  rule: addresses.length > 0 ? 'container name' : 'no such name',
  addresses,
  omitted: [],
});

export const WEB = { at: { front: '10.1.0.2' } };
const ROUTES = [
  { destination: '0.0.0.0/0', gateway: '10.1.0.1', link: 'eth0' },
  { destination: '10.1.0.0/24', link: 'eth0' },
];

export const NETWORKS = [FRONT, BACK, DARK, APART, WIRE, LAN, TAGGED, TUNNEL];
export const from = (others: KnownContainer[], facts: Partial<TraceFacts>, web = known('web', WEB)): TraceFacts => ({
  from: web.container,
  to: 'db',
  protocol: 'tcp',
  containers: [web, ...others],
  networks: NETWORKS,
  answer: undefined,
  routes: ROUTES,
  unanswered: [],
  nodeAddresses: ['192.168.7.9', '10.1.0.1'],
  listeners: new Map(),
  nodeListeners: [],
  kernel: kernelOf(
    NETWORKS,
    [web, ...others].map(({ container }) => container),
  ),
  ruleset: [],
  peers: [],
  services: [],
  problemOf: () => undefined,
  ...facts,
});

export const sockets = (...all: string[]): TraceFacts['nodeListeners'] =>
  all.map((text) => {
    const [address = '', port = ''] = text.split(' ');
    return { address, port: Number(port) };
  });
export const hears = (name: string, ...all: string[]): TraceFacts['listeners'] =>
  new Map([[`${name}-id`, sockets(...all)]]);

export const NEAR = [known('db', { at: { front: '10.1.0.3' } })];
export const PUBLISHED = [
  known('db', {
    at: { back: '10.2.0.3' },
    ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
  }),
];
export const asked = { answer: answered('10.1.0.3'), port: 80 };
