import { newId } from '#lib/common';
import {
  endpointMac,
  type Container,
  type Endpoint,
  type Network,
  type NodeNames,
  type ObservedLink,
  type PublishedPort,
} from '#lib/domain';
import type { Host } from '#lib/host';
import type { DhcpClients, DriverContext, EndpointOf, KernelView } from '../driver.js';

export function network(
  names: NodeNames,
  name: string,
  subnets: readonly string[],
  more: Partial<Network> = {},
): Network {
  const id = more.id ?? newId();
  return {
    id,
    name,
    driver: 'nat',
    pools: subnets.map((subnet) => ({
      subnet,
      gateway: subnet.replace(/(0|:)\/\d+$/, (_, end) => (end === ':' ? ':1' : '1')),
    })),
    internal: false,
    attachable: true,
    enableIPv4: true,
    enableIPv6: subnets.some((subnet) => subnet.includes(':')),
    options: {},
    labels: {},
    linkName: names.bridge(id),
    createdAt: '2026-01-01T00:00:00Z',
    target: 'present',
    ...more,
  };
}

export function endpoint(containerId: string, on: Network, addresses: Partial<Endpoint>): Endpoint {
  return {
    networkId: on.id,
    ifName: 'eth0',
    mac: endpointMac(containerId, on.id),
    aliases: [],
    links: {},
    gwPriority: 0,
    priority: 0,
    ...addresses,
  };
}

export function container(name: string, ports: readonly PublishedPort[] = [], id = newId()): Container {
  return {
    id,
    name,
    spec: { Image: 'none' },
    specHash: '',
    networkMode: 'bridged',
    endpoints: [],
    ports: [...ports],
    dns: { servers: [], search: [], options: [], extraHosts: [] },
    files: [],
    restart: { name: 'no', maxRetries: 0 },
    dependsOn: [],
    pullPolicy: 'never',
    target: 'running',
    stopGraceSeconds: 10,
    createdAt: '2026-01-01T00:00:00Z',
  };
}

/** Attaches the container and gives the endpoint as drivers get it; it holds the default route unless internal. */
export function attach(to: Network, who: Container, addresses: Partial<Endpoint>): EndpointOf {
  const made = endpoint(who.id, to, addresses);
  who.endpoints.push(made);
  const holds = !to.internal;
  return { container: who, endpoint: made, network: to, defaultRoute: { ipv4: holds, ipv6: holds } };
}

const noDhcp: DhcpClients = {
  obtain: async ({ network: { name } }) => {
    throw new Error(`network ${name} asks for a lease`);
  },
  alive: () => false,
  holds: () => false,
  nameServers: () => [],
  release: async () => undefined,
  drop: async () => undefined,
};

/** A node whose networks all have subnets, unless clients are given. */
export function contextOn(host: Host, names: NodeNames, dhcp: DhcpClients = noDhcp): DriverContext {
  return { host, names, dhcp };
}

/** The view with one link otherwise, or without it. */
export function changed(view: KernelView, name: string, change: Partial<ObservedLink> | undefined): KernelView {
  const links = new Map(view.links);
  const link = links.get(name);
  if (change && link) links.set(name, { ...link, ...change });
  else links.delete(name);
  return { ...view, links };
}

export function published(hostPort: number, more: Partial<PublishedPort> = {}): PublishedPort {
  return { hostIp: '', hostPort, containerPort: 80, protocol: 'tcp', ...more };
}
