import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { RescanView } from '#lib/contracts';
import { driverFor, uplinksOf } from '#lib/drivers';
import type { Change, Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { NodeSurroundings, type Surroundings } from './surroundings.js';

/**
 * Looks at the node's links anew: networks on a physical segment choose their uplink again, as their options say, and
 * move where that is another one now. The reconciler then moves their containers.
 */
@Injectable()
export class Rescan {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly surroundings: NodeSurroundings,
  ) {}

  run(): Promise<RescanView> {
    return this.store.transact((view) => decide(this.surroundings.look(view.list('network')), this.node));
  }
}

/** Pure. */
export function decide(
  around: Surroundings,
  { names }: Pick<Node, 'names'>,
): { changes: Change[]; result: RescanView } {
  const changes: Change[] = [];
  const placed: RescanView['networks'] = [];
  let networks = around.networks;
  for (const network of around.networks) {
    const was = network.uplink;
    if (was === undefined || network.target !== 'present') continue;
    const others = networks.filter((other) => other.id !== network.id);
    try {
      const { uplink, vlan } = driverFor(network.driver).place(network, { ...around, names, networks: others });
      const moved = uplink !== was || vlan !== network.vlan;
      placed.push({ name: network.name, uplink: uplink ?? was, ...(moved && { was }) });
      if (!moved) continue;
      const value = { ...network, uplink, vlan };
      networks = [...others, value];
      changes.push({ op: 'put', kind: 'network', value });
    } catch (error) {
      placed.push({ name: network.name, uplink: was, problem: messageOf(error) });
    }
  }
  const uplinks = uplinksOf({ ...around, names, networks }).map(({ name, kind, up, master, addresses }) => ({
    name,
    kind,
    up,
    ...(master !== undefined && { master }),
    addresses: addresses.filter((each) => !each.startsWith('fe80:')),
    networks: networks
      .filter(({ uplink, target }) => uplink === name && target === 'present')
      .map((each) => (each.vlan === undefined ? each.name : `${each.name} (VLAN ${each.vlan})`)),
  }));
  return { changes, result: { uplinks, networks: placed } };
}
