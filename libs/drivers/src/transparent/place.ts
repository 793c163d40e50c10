import { invalid } from '#lib/common';
import {
  checkOptions,
  refuseUplinkOptions,
  withoutEffect,
  withoutGatewayDns,
  type NetworkRequest,
  type ObservedLink,
} from '#lib/domain';
import type { NodeView, Placement } from '../driver.js';
import { mtuOf, talksInside } from '../options.js';
import { chooseUplink } from '../uplink/choose-uplink.js';
import { placeOnUplink } from '../uplink/place-on-uplink.js';
import { bindingOf } from '../uplink/uplink-options.js';

/** Traffic of the containers does not pass the node's own stack. */
const NOT_BEHIND_NODE = ['enable_outboundnat', 'outboundnat_exceptions'];

/** Frames between macvlans do not pass anything where they could be stopped. */
const talksAnyway = (name: string) =>
  `network ${name}: option com.docker.network.bridge.enable_icc has no effect here: containers of a transparent network reach each other on the physical segment`;

/** IEEE 802.11: a station sends and gets frames for its own MAC alone. */
const wireless = (name: string, uplink: string) =>
  `network ${name}: interface ${uplink} is wireless, and Wi-Fi lets no MACs but the node's own pass: containers reach ` +
  "nobody outside this node and get no address by DHCP; driver l2bridge uses the node's MAC";

export function place(request: NetworkRequest, around: NodeView): Placement {
  const warnings = [
    ...checkOptions(request),
    ...(request.pools.length > 0 || request.internal ? withoutGatewayDns(request) : []),
    ...withoutEffect(request, NOT_BEHIND_NODE, 'containers of a transparent network are not behind this node'),
    ...(talksInside(request) ? [] : [talksAnyway(request.name)]),
  ];
  if (request.internal) {
    refuseUplinkOptions(request, 'an internal network is on no interface');
    return { subnets: 'own', pools: request.pools, warnings };
  }
  const { link, bridge } = chooseUplink(request, around);
  // The VLAN is a link of its own, on whichever link was chosen.
  const uplink = bindingOf(request, around.links).vlan === undefined && bridge ? bridge : link;
  checkMtu(request, uplink);
  const placed = placeOnUplink(request, uplink, around);
  if (request.enableIPv6 && !placed.pools.some((pool) => pool.subnet?.includes(':'))) {
    throw invalid(
      `network ${request.name}: IPv6 needs a subnet of the physical network: give one (--subnet, ipam.config); ` +
        'only IPv4 addresses come from its DHCP server',
    );
  }
  if (around.isWireless?.(link.name)) warnings.push(wireless(request.name, link.name));
  return { ...placed, warnings: [...warnings, ...placed.warnings] };
}

function checkMtu(request: NetworkRequest, uplink: ObservedLink): void {
  const mtu = mtuOf(request);
  if (mtu === undefined || mtu <= uplink.mtu) return;
  throw invalid(
    `network ${request.name}: MTU ${mtu} is more than interface ${uplink.name} carries: ${uplink.mtu} at most`,
  );
}
