import { checkOptions, refuseSmallMtu, refuseUplinkOptions, withoutGatewayDns, type NetworkRequest } from '#lib/domain';
import type { NetworkDriver, Placement } from '../driver.js';
import { insideReady } from '../endpoint/inside.js';
import { ensureVethPort, portOf, removeVethPort, vethPortReady } from '../endpoint/veth-port.js';
import { natEffects } from './effects.js';
import { ensureNetwork, networkReady, removeNetwork } from './network.js';

/** A bridge for each network, masqueraded behind the node; what may pass is in `natRules`. */
export const natDriver: NetworkDriver = {
  name: 'nat',
  place,
  effects: natEffects,
  networkReady,
  ensureNetwork: (network, { host }) => ensureNetwork(network, host),
  removeNetwork: (network, { host }) => removeNetwork(network, host),
  endpointReady: (at, view) => vethPortReady(at, at.network.linkName, view),
  insideReady,
  ensureEndpoint: (at, context) => ensureVethPort(at, portOf(at.network, at.network.linkName), context),
  removeEndpoint: removeVethPort,
};

function place(request: NetworkRequest): Placement {
  const warnings = [...checkOptions(request), ...withoutGatewayDns(request)];
  refuseUplinkOptions(request, 'a nat network is not bound to an interface; transparent and l2bridge are');
  refuseSmallMtu(request);
  return { subnets: 'own', pools: request.pools, warnings };
}
