import { listed } from '#lib/common';
import type { Network } from '#lib/domain';
import type { NetworkEffect } from '../driver.js';
import { mtuOf, outboundNat, talksInside } from '../options.js';
import { gatewaysOf } from './network.js';

/** Pure. */
export function natEffects(network: Network): NetworkEffect[] {
  const mtu = mtuOf(network);
  const size = mtu === undefined ? '' : `, MTU ${mtu}`;
  const { on, exceptions } = outboundNat(network);
  const out = network.internal
    ? 'nothing enters or leaves it but to this node'
    : on
      ? `leaves masqueraded behind this node${exceptions.length > 0 ? `, but not towards ${listed(exceptions)}` : ''}; published ports lead in`
      : "leaves with the containers' own addresses; published ports lead in";
  return [
    { kind: 'link', says: `bridge ${network.linkName}, addresses ${listed(gatewaysOf(network))}${size}` },
    { kind: 'rules', says: out },
    { kind: 'rules', says: 'other nat networks of this node do not reach it, nor it them' },
    ...(talksInside(network) ? [] : [{ kind: 'rules' as const, says: 'its containers do not reach each other' }]),
  ];
}
