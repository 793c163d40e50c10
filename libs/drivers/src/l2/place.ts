import { invalid } from '#lib/common';
import {
  checkOptions,
  refuseUplinkOptions,
  withoutEffect,
  withoutGatewayDns,
  type IpamRequest,
  type NetworkRequest,
  type ObservedLink,
} from '#lib/domain';
import type { NodeView, Placement } from '../driver.js';
import { mtuOf } from '../options.js';
import { chooseUplink } from '../uplink/choose-uplink.js';
import { placeOnUplink } from '../uplink/place-on-uplink.js';
import { bindingOf } from '../uplink/uplink-options.js';

const OUTBOUND = ['enable_outboundnat', 'outboundnat_exceptions'];

/** On the segment of the uplink, with the segment's own subnet and gateway, which nobody can tell but who asks. */
export function place(request: NetworkRequest, around: NodeView): Placement {
  const warnings = [
    ...checkOptions(request),
    ...withoutGatewayDns(request),
    ...withoutEffect(request, OUTBOUND, 'containers are on the physical network with their own addresses'),
  ];
  if (request.internal) return { ...placeInternal(request), warnings };
  if (request.enableIPv6)
    warnings.push(...withoutEffect(request, ['macpool'], "with IPv6 MACs have to fit the uplink's"));
  const { link, bridge } = chooseUplink(request, around);
  // The VLAN is a link of its own, on whichever link was chosen; otherwise who is on the bridge is on the segment.
  const uplink = bindingOf(request, around.links).vlan === undefined && bridge ? bridge : link;
  refuseMissingSubnets(request, uplink, around);
  refuseMtu(request, uplink);
  const placed = placeOnUplink(request, uplink, around);
  return { ...placed, warnings: [...warnings, ...placed.warnings] };
}

function placeInternal(request: NetworkRequest): Omit<Placement, 'warnings'> {
  if (request.driver === 'l2tunnel') {
    throw invalid(
      `network ${request.name}: an internal l2tunnel network connects nothing, because all its frames go by the ` +
        'physical switch; l2bridge and nat can be internal',
    );
  }
  refuseUplinkOptions(request, 'an internal network is on no interface');
  return { subnets: 'own', pools: request.pools };
}

function refuseMissingSubnets(request: NetworkRequest, uplink: ObservedLink, { routes }: NodeView): void {
  const { name, driver, pools, enableIPv4, enableIPv6 } = request;
  const isV6 = (pool: IpamRequest) => [pool.subnet, pool.gateway].some((text) => text?.includes(':'));
  const complete = (pool: IpamRequest | undefined) => pool?.subnet !== undefined && pool.gateway !== undefined;
  const [v4, v6] = [pools.find((pool) => !isV6(pool)), pools.find(isV6)];
  const lacking = enableIPv4 && !complete(v4) ? 'IPv4' : (enableIPv6 || v6) && !complete(v6) ? 'IPv6' : undefined;
  if (lacking === undefined) return;
  const ofFamily = (address: string) => address.includes(':') === (lacking === 'IPv6') && !address.startsWith('fe80:');
  const anywhere = lacking === 'IPv6' ? '::/0' : '0.0.0.0/0';
  const router = routes.find((each) => each.destination === anywhere && each.link === uplink.name)?.gateway;
  const known = [
    ...uplink.addresses.filter(ofFamily).map((each) => `address ${each}`),
    ...(router === undefined ? [] : [`router ${router}`]),
  ];
  throw invalid(
    `network ${name}: driver ${driver} needs a subnet and a gateway for ${lacking} (--subnet, --gateway, ipam.config), ` +
      `those of the physical network${known.length > 0 ? `; this node's ${uplink.name} has ${known.join(', ')}` : ''}`,
  );
}

/** RFC 8200, section 5: every IPv6 link carries 1280 bytes. */
function refuseMtu(request: NetworkRequest, uplink: ObservedLink): void {
  const mtu = mtuOf(request);
  const least = request.enableIPv6 ? 1280 : 68;
  if (mtu === undefined || (mtu >= least && mtu <= uplink.mtu)) return;
  throw invalid(
    `network ${request.name}: MTU ${mtu}: expected ${least} to ${uplink.mtu}, which interface ${uplink.name} carries`,
  );
}
