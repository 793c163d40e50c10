import type { NetworkPlanView } from '#lib/contracts';
import { isVirtual, usesDhcp, type Network } from '#lib/domain';
import { driverFor } from '#lib/drivers';
import type { Surroundings } from './surroundings.js';

/** A network that was granted and is not made. Pure. */
export function planView(network: Network, { node, links }: Surroundings, warnings: string[] = []): NetworkPlanView {
  const { name, driver, internal, pools, linkName, uplink, vlan } = network;
  const view = { names: node.names, links: new Map(links.map((link) => [link.name, link])) };
  return {
    name,
    driver,
    internal,
    pools,
    addresses: usesDhcp(network) ? 'dhcp' : pools.length > 0 ? 'leased' : 'none',
    linkName,
    ...(uplink !== undefined && { uplink }),
    ...(vlan !== undefined && { vlan }),
    effects: isVirtual(network) ? [] : driverFor(driver).effects(network, view),
    warnings,
  };
}
