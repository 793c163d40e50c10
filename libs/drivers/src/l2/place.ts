import { invalid } from '#lib/common';
import type { IpamRequest, NetworkRequest, ObservedLink, ObservedRoute } from '#lib/domain';
import type { NodeView, Placement } from '../driver.js';
import { checkOptions, mtuOf, refuseOptions } from '../options.js';
import { chooseUplink } from '../uplink/choose-uplink.js';
import { placeOnUplink } from '../uplink/place-on-uplink.js';

/** On the segment of the uplink, with the segment's own subnet and gateway, which nobody can tell but who asks. */
export function place(request: NetworkRequest, around: NodeView): Placement {
  const warnings = checkOptions(request);
  refuseOptions(
    request,
    ['enable_outboundnat', 'outboundnat_exceptions'],
    'containers leave with their own addresses; nat networks translate them',
  );
  const { link, bridge } = chooseUplink(request, around);
  // A port hands every frame to its bridge: who is on the bridge is on the segment, and the node's address is there.
  const uplink = bridge ?? link;
  refuseMissingSubnets(request, uplink, around.routes);
  refuseMtu(request, uplink);
  if (request.internal && request.driver === 'l2tunnel') {
    throw invalid(
      `network ${request.name}: an internal l2tunnel network connects nothing, because its frames go by the physical ` +
        'switch; l2bridge and nat can be internal',
    );
  }
  const placed = placeOnUplink(request, uplink, around);
  return { ...placed, warnings: [...warnings, ...placed.warnings] };
}

function refuseMissingSubnets(
  { name, driver, pools, enableIPv4, enableIPv6 }: NetworkRequest,
  uplink: ObservedLink,
  routes: readonly ObservedRoute[],
): void {
  const incomplete = (pool: IpamRequest | undefined) => !pool?.subnet || !pool.gateway;
  const isV6 = (pool: IpamRequest) => [pool.subnet, pool.gateway].some((text) => text?.includes(':'));
  const [v4, v6] = [pools.find((pool) => !isV6(pool)), pools.find(isV6)];
  const missing = [enableIPv4 && incomplete(v4) && 'IPv4', (enableIPv6 || v6) && incomplete(v6) && 'IPv6'];
  const family = missing.find((each) => each !== false && each !== undefined);
  if (!family) return;
  const own = uplink.addresses.filter(
    (each) => each.includes(':') === (family === 'IPv6') && !each.startsWith('fe80:'),
  );
  const anywhere = family === 'IPv6' ? '::/0' : '0.0.0.0/0';
  const router = routes.find((each) => each.destination === anywhere && each.link === uplink.name)?.gateway;
  const hint = [...own.map((each) => `address ${each}`), ...(router === undefined ? [] : [`gateway ${router}`])];
  throw invalid(
    `network ${name}: driver ${driver} needs --subnet and --gateway for ${family}, those of the physical network` +
      (hint.length > 0 ? `; ${uplink.name} has ${hint.join(', ')}` : ''),
  );
}

function refuseMtu(request: NetworkRequest, uplink: ObservedLink): void {
  const mtu = mtuOf(request);
  if (mtu === undefined) return;
  const least = request.enableIPv6 ? 1280 : 68;
  if (mtu >= least && mtu <= uplink.mtu) return;
  throw invalid(
    `network ${request.name}: an MTU of ${mtu}: expected ${least} to ${uplink.mtu}, which is that of ${uplink.name}`,
  );
}
