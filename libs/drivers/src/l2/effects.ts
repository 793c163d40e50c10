import type { Network } from '#lib/domain';
import type { KernelView, NetworkEffect } from '../driver.js';
import { vlanEffects } from '../uplink/vlan/effects.js';
import { cableOf } from './cable.js';
import { mtuFor } from './network.js';

/** Pure. */
export function l2Effects(network: Network, { names, links }: Pick<KernelView, 'names' | 'links'>): NetworkEffect[] {
  const cable = cableOf(network, names);
  const mtu = mtuFor(network, links.get(network.uplink ?? ''));
  const bridge = `bridge ${network.linkName}${mtu === undefined ? '' : `, MTU ${mtu}`}`;
  if (!cable) return [{ kind: 'link', says: `${bridge}, on no interface` }];
  const inside =
    network.driver === 'l2tunnel'
      ? `frames between its containers leave by ${cable.uplink} too: the switch has to send them back (hairpin)`
      : 'frames between its containers stay on the node';
  return [
    ...vlanEffects(network, names),
    { kind: 'link', says: bridge },
    {
      kind: 'link',
      says: `cable ${cable.port} to ${cable.wire}, and ${cable.ear}, beside ${cable.uplink}, which stays as it is`,
    },
    { kind: 'rules', says: `what leaves by ${cable.uplink} carries its MAC; what comes is handed over by address` },
    { kind: 'rules', says: inside },
    { kind: 'endpoint', says: 'a port of the bridge for each container' },
  ];
}
