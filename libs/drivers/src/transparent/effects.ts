import type { Network } from '#lib/domain';
import type { KernelView, NetworkEffect } from '../driver.js';
import { vlanEffects } from '../uplink/vlan/effects.js';
import { carrierOf } from './carrier.js';

/** Pure. */
export function transparentEffects(
  network: Network,
  { names, links }: Pick<KernelView, 'names' | 'links'>,
): NetworkEffect[] {
  const carrier = carrierOf(network, names, links);
  const vlan = vlanEffects(network, names);
  if (carrier.kind === 'macvlan') {
    return [
      ...vlan,
      {
        kind: 'link',
        says: `macvlan ${network.linkName} on ${carrier.name}, by which this node reaches the containers`,
      },
      { kind: 'endpoint', says: `a macvlan on ${carrier.name} for each container, with a MAC of its own` },
    ];
  }
  return [
    ...vlan,
    ...(carrier.ours ? [{ kind: 'link' as const, says: `bridge ${carrier.name}, on no interface` }] : []),
    { kind: 'endpoint', says: `a port of bridge ${carrier.name} for each container, with a MAC of its own` },
  ];
}
