import { Inject, Injectable } from '@nestjs/common';
import type { Network, ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import { formatCidr, parseAddress, type Taken } from '#lib/ipam';
import { HOST, NODE, type Node } from '../node/tokens.js';
import type { Surroundings } from './grant-network.js';

/** What a new network must not collide with: the node's routes and addresses, other networks, names of links. */
@Injectable()
export class NodeSurroundings {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
  ) {}

  look(networks: readonly Network[]): Surroundings {
    const links = this.host.links();
    const ours = new Set(networks.map((network) => network.linkName));
    const foreign = links.filter((link) => !ours.has(link.name) && !link.name.startsWith(this.node.names.linkPrefix));
    const names = new Set(foreign.map((link) => link.name));
    const routes = this.host
      .routes()
      .filter((route) => route.link !== undefined && names.has(route.link) && counts(route.destination))
      .map((route): Taken => ({ cidr: route.destination, by: `a route by ${route.link}` }));
    return {
      node: this.node,
      networks,
      taken: [...foreign.flatMap(addressesOf), ...routes],
      linkNames: new Set(links.map((link) => link.name)),
      now: new Date().toISOString(),
    };
  }
}

/** Default routes, link-local and multicast prefixes are everywhere and collide with nothing. */
function counts(destination: string): boolean {
  return !/^(0\.0\.0\.0\/0|::\/0|fe80:|ff|169\.254\.|224\.|127\.)/.test(destination) && !destination.startsWith('::1');
}

function addressesOf(link: ObservedLink): Taken[] {
  return link.addresses.filter(counts).map((text): Taken => {
    const [address = '', prefix = '32'] = text.split('/');
    const { family, value } = parseAddress(address, `address of ${link.name}`);
    const size = 1n << BigInt((family === 4 ? 32 : 128) - Number(prefix));
    return {
      cidr: formatCidr({ family, base: value - (value % size), prefix: Number(prefix) }),
      by: `link ${link.name}`,
    };
  });
}
