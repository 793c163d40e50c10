import type { TraceCheck } from '#lib/contracts';
import type { Network } from '#lib/domain';
import { isBehindNode } from '#lib/drivers';
import { mostSpecific } from '../forwarding/routes.js';
import type { Destination } from './destination.js';
import type { TraceFacts } from './facts.js';

/**
 * Did whoever is next on the way answer when the container asked last for its MAC (ARP, neighbour discovery)? On a physical
 * segment others may keep that from happening. The kernel remembers it until the container asks again, so by now it may
 * be otherwise. undefined: nothing is known against it. Pure.
 */
export function hopCheck(
  { address }: Destination,
  network: Network | undefined,
  { from, routes, unanswered }: TraceFacts,
): TraceCheck | undefined {
  if (!network || isBehindNode(network) || network.uplink === undefined) return undefined;
  const route = mostSpecific(address, routes ?? []);
  const hop = route?.gateway ?? address;
  if (!unanswered.some((each) => each.link === route?.link && each.address === hop)) return undefined;
  const vlan = network.vlan === undefined ? '' : `; that the port is a trunk with VLAN ${network.vlan}`;
  const others =
    network.driver === 'transparent'
      ? `; on a virtual machine, that its host lets frames with other MACs pass (MAC address spoofing, promiscuous mode); ` +
        'Wi-Fi lets none pass; or use l2bridge, whose frames have the MAC of the node'
      : '';
  return {
    about: 'route',
    state: 'unseen',
    says: `nobody on the segment of ${network.uplink} answered ${from.name} for ${hop} when it asked last`,
    advice: `check that ${hop} is up and on this segment${vlan}${others}`,
  };
}
