import { invalid } from '#lib/common';
import type { NetworkRequest } from '#lib/domain';
import type { NetworkDriver, Placement } from '../driver.js';
import { insideReady } from '../endpoint/inside.js';
import { ensureVethPort, portOf, removeVethPort, vethPortReady } from '../endpoint/veth-port.js';
import { checkOptions, mtuOf, refuseUplinkOptions, withoutGatewayDns } from '../options.js';
import { natEffects } from './effects.js';
import { ensureNetwork, networkReady, removeNetwork } from './network.js';

/** RFC 8200, section 5: every IPv6 link carries 1280 bytes; the kernel switches IPv6 off below. */
const MIN_MTU_V6 = 1280;

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
  const mtu = mtuOf(request);
  if (request.enableIPv6 && mtu !== undefined && mtu < MIN_MTU_V6) {
    throw invalid(`network ${request.name}: an MTU of ${mtu} is too small for IPv6: expected ${MIN_MTU_V6} or more`);
  }
  return { subnets: 'own', pools: request.pools, warnings };
}
