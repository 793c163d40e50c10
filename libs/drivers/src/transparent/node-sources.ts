import type { Network, NodeNames } from '#lib/domain';
import type { KernelView } from '../driver.js';
import { nodeAddressOn } from '../uplink/node-address.js';
import { carrierOf } from './carrier.js';

/** By which IPv4 address containers on a network's link know the node, and everybody behind it. */
export interface NodeSource {
  network: Network;
  address: string;
}

/**
 * Of transparent networks whose link is the node's way to their containers. It has no IPv4 address, so that without being
 * told the kernel masquerades there with an address of whichever interface it knows first. Pure.
 */
export function nodeSources(networks: readonly Network[], names: NodeNames, links: KernelView['links']): NodeSource[] {
  return networks.flatMap((network) => {
    const uplink = links.get(network.uplink ?? '');
    if (network.driver !== 'transparent' || network.vlan !== undefined || !uplink) return [];
    if (carrierOf(network, names, links).kind !== 'macvlan') return [];
    const address = nodeAddressOn(network, 'ipv4', uplink);
    return address === undefined ? [] : [{ network, address }];
  });
}
