import type { Network, NodeNames } from '#lib/domain';
import type { NetworkEffect } from '../../driver.js';

/** Nothing where frames are untagged. Pure. */
export function vlanEffects({ id, uplink, vlan }: Network, names: NodeNames): NetworkEffect[] {
  if (uplink === undefined || vlan === undefined) return [];
  return [{ kind: 'link', says: `VLAN ${vlan} on ${uplink}: ${names.vlan(id)}; the switch's port has to be a trunk` }];
}
