import type { NetworkRequest } from '../network.js';
import { checkOptions, refuseSmallMtu, refuseUplinkOptions, withoutEffect, withoutGatewayDns } from './check.js';

/**
 * Refuses options that nodes could not make the network by; they are asked when it is made, for every node of the cluster.
 * Returns warnings for those that change nothing. Pure.
 */
export function checkOverlayOptions(asked: Pick<NetworkRequest, 'name' | 'options' | 'enableIPv6'>): string[] {
  // Whether it is encrypted the manager decides, which gives such a network what it takes.
  const { encrypted: _byManager, ...options } = asked.options;
  const request = { ...asked, driver: 'overlay' as const, options };
  const warnings = [
    ...checkOptions(request),
    ...withoutGatewayDns(request),
    ...withoutEffect(request, ['networkname'], 'its links have names of their own on each node'),
    ...withoutEffect(request, ['macpool'], 'MACs are given for the whole cluster'),
  ];
  refuseUplinkOptions(request, 'an overlay network is on no interface; transparent and l2bridge are');
  refuseSmallMtu(request);
  return warnings;
}
