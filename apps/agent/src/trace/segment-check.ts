import type { TraceCheck } from '#lib/contracts';
import type { Network } from '#lib/domain';
import { isBehindNode } from '#lib/drivers';
import { mostSpecific } from '../forwarding/routes.js';
import type { Destination } from './destination.js';
import type { TraceFacts } from './facts.js';

/**
 * What lies between a container on a physical segment and a place on this node, where it is not the node itself that leads
 * there: the switch, a router, or nothing. undefined: nothing lies between them. Pure.
 */
export function segmentCheck(at: Destination, network: Network | undefined, facts: TraceFacts): TraceCheck | undefined {
  const { kind, address } = at;
  if (!network || isBehindNode(network) || network.uplink === undefined) return undefined;
  const unseen = (says: string): TraceCheck => ({ about: 'network', state: 'unseen', says });
  const hairpin = `the physical switch has to send it back by the port that it came from (hairpin, VEPA)`;
  const byTunnel = network.driver === 'l2tunnel';
  if (kind === 'neighbour') {
    return byTunnel
      ? unseen(`what goes from container to container of ${network.name} leaves the node: ${hairpin}`)
      : undefined;
  }
  if (!isAtNode(at)) return undefined;
  if (!isOnUplink(address, network, facts.kernel)) {
    return unseen(
      `${address} is not on ${network.uplink}: it is the physical network that leads there from ${network.name}`,
    );
  }
  if (network.vlan !== undefined) return fromVlan(address, network, facts);
  return byTunnel
    ? unseen(`what goes from a container of ${network.name} to this node leaves it: ${hairpin}`)
    : undefined;
}

/** The node has its addresses on the untagged side. */
function fromVlan(address: string, { name, vlan, uplink }: Network, { from, routes }: TraceFacts): TraceCheck {
  const gateway = mostSpecific(address, routes ?? [])?.gateway;
  const apart = `${name} is in VLAN ${vlan} of ${uplink}, and this node with ${address} is not`;
  if (gateway !== undefined) {
    return { about: 'network', state: 'unseen', says: `${apart}: ${gateway} has to route between them` };
  }
  return {
    about: 'network',
    state: 'no',
    says: `${apart}: nothing leads from one to the other`,
    advice: `attach ${from.name} to a network that this node is on as well: docker network connect NETWORK ${from.name}; or let a router lead from the VLAN to it`,
  };
}

/** Is it for the node at first, whatever it leads to from there? */
export function isAtNode({ kind }: Destination): boolean {
  return kind === 'node' || kind === 'published' || kind === 'relayed';
}

/** Has the node the address on the network's uplink? */
export function isOnUplink(address: string, { uplink }: Network, { links }: TraceFacts['kernel']): boolean {
  return links.get(uplink ?? '')?.addresses.some((each) => each.split('/')[0] === address) === true;
}
