import ipaddr from 'ipaddr.js';
import type { ObservedLink, ObservedRoute } from '#lib/domain';
import type { Conversation, Forwarding } from '../host.js';
import { FakeNft } from './fake-nft.js';

/** What the kernel would answer; the fake host words it as `ip` does. */
export class Refused extends Error {}

export interface FakeLink extends Omit<ObservedLink, 'master'> {
  master?: FakeLink;
  /** the other end of a veth pair, and the namespace it is in */
  peer?: FakeLink;
  /** the link that this one lives on; gone, this one is gone as well */
  below?: FakeLink;
  above: Set<FakeLink>;
  /** `way name` → name */
  programs: Map<string, string>;
  /** by what they are about */
  forwarding: Map<string, Forwarding>;
  home: FakeNetns;
}

let macs = 0;

/** Links, addresses, routes, sysctls and firewall of one namespace. */
export class FakeNetns {
  readonly links = new Map<string, FakeLink>();
  readonly sysctls = new Map<string, string>();
  readonly firewall = new FakeNft();
  conversations: Conversation[] = [];
  private routes: ObservedRoute[] = [];
  private lastIndex = 0;

  constructor() {
    const loopback = this.addLink('lo', 'loopback');
    Object.assign(loopback, { kind: '', up: true, mac: '00:00:00:00:00:00', mtu: 65536 });
    loopback.addresses.push('127.0.0.1/8', '::1/128');
  }

  addLink(name: string, kind: string): FakeLink {
    if (this.links.has(name)) throw new Refused('RTNETLINK answers: File exists');
    const mac = `52:00:00:00:${hex(++macs >> 8)}:${hex(macs & 0xff)}`;
    const link: FakeLink = {
      index: ++this.lastIndex,
      name,
      kind,
      up: false,
      mac,
      mtu: 1500,
      addresses: [],
      above: new Set(),
      programs: new Map(),
      forwarding: new Map(),
      home: this,
    };
    this.links.set(name, link);
    return link;
  }

  link(name: string): FakeLink {
    const found = this.links.get(name);
    if (!found) throw new Refused(`Cannot find device "${name}"`);
    return found;
  }

  rename(link: FakeLink, name: string): void {
    if (this.links.has(name)) throw new Refused('RTNETLINK answers: File exists');
    this.links.delete(link.name);
    link.name = name;
    this.links.set(name, link);
  }

  /** A veth's other end goes with it, and what lives on either, wherever it is; ports of a bridge stay. */
  deleteLink(link: FakeLink): void {
    for (const each of [link, ...(link.peer ? [link.peer] : [])]) {
      for (const upper of each.above) upper.home.deleteLink(upper);
      each.below?.above.delete(each);
      each.home.links.delete(each.name);
      each.home.dropRoutes(each.name);
      for (const port of each.home.links.values()) if (port.master === each) port.master = undefined;
    }
  }

  /** A link that moves loses its addresses and its master. */
  moveLink(link: FakeLink, target: FakeNetns): void {
    if (target.links.has(link.name)) throw new Refused('RTNETLINK answers: File exists');
    this.links.delete(link.name);
    this.dropRoutes(link.name);
    Object.assign(link, { home: target, addresses: [], master: undefined, up: false, index: ++target.lastIndex });
    target.links.set(link.name, link);
  }

  setUp(link: FakeLink, up: boolean): void {
    link.up = up;
    if (!up) this.dropRoutes(link.name);
  }

  addRoute(route: ObservedRoute, replace: boolean): void {
    const link = route.link ?? this.linkTowards(route.gateway);
    if (link === undefined) throw new Refused('RTNETLINK answers: Network is unreachable');
    if (!this.link(link).up) throw new Refused('RTNETLINK answers: Network is down');
    const same = this.routes.findIndex((each) => each.destination === route.destination);
    if (same >= 0 && !replace) throw new Refused('RTNETLINK answers: File exists');
    if (same >= 0) this.routes.splice(same, 1);
    this.routes.push({ ...route, link });
  }

  deleteRoute(destination: string): void {
    const at = this.routes.findIndex((each) => each.destination === destination);
    if (at < 0) throw new Refused('RTNETLINK answers: No such process');
    this.routes.splice(at, 1);
  }

  observeLinks(): ObservedLink[] {
    return [...this.links.values()]
      .map(
        ({
          master,
          peer,
          below,
          above: _above,
          programs: _programs,
          forwarding: _forwarding,
          home: _home,
          ...link
        }) => ({
          ...link,
          addresses: [...link.addresses],
          ...(master && { master: master.name }),
          ...((below ?? peer) && { parent: (below ?? peer)?.index }),
        }),
      )
      .sort((a, b) => a.index - b.index);
  }

  observeRoutes(): ObservedRoute[] {
    return [...this.routes.map((route) => ({ ...route })), ...this.connected()];
  }

  /** What the kernel adds by itself for the addresses of links that are up. */
  private connected(): ObservedRoute[] {
    return [...this.links.values()]
      .filter((link) => link.up && link.name !== 'lo')
      .flatMap((link) => link.addresses.map((address) => ({ destination: networkOf(address), link: link.name })))
      .filter(({ destination }) => !/\/(32|128)$/.test(destination));
  }

  private linkTowards(gateway: string | undefined): string | undefined {
    if (gateway === undefined) return undefined;
    const address = ipaddr.parse(gateway);
    return this.connected().find(({ destination }) => {
      const [network, length] = ipaddr.parseCIDR(destination);
      return network.kind() === address.kind() && address.match(network, length);
    })?.link;
  }

  private dropRoutes(link: string): void {
    this.routes = this.routes.filter((each) => each.link !== link);
  }
}

function networkOf(cidr: string): string {
  const family = cidr.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return `${family.networkAddressFromCIDR(cidr).toString()}/${cidr.split('/')[1]}`;
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
