import type { Network } from '#lib/domain';
import type { KernelView, NetworkEffect } from '../driver.js';
import { natEffects } from '../nat/effects.js';
import { tunnelOf } from './network.js';

/** On a node it is as a nat network, with a way to the other nodes. Pure. */
export function overlayEffects(network: Network, { names }: Pick<KernelView, 'names'>): NetworkEffect[] {
  const { overlay } = network;
  const by = overlay?.encryption ? `, through the WireGuard device ${names.tunnel}` : '';
  const to = overlay ? ` ${overlay.vni} from ${overlay.local}, UDP port ${overlay.port}` : '';
  return [
    ...natEffects(network),
    { kind: 'link', says: `VXLAN device ${tunnelOf(network, names)}${to}, without learning and flooding${by}` },
  ];
}
