import type { NetworkPlanView } from '#lib/contracts';
import { oneLine } from './width.js';

/** What a create would make, a fact a line. */
export function networkPlanLines(plan: NetworkPlanView): string[] {
  const { name, driver, internal, pools, addresses, uplink, vlan, effects, warnings } = plan;
  const subnets = pools.map(({ subnet, gateway, ipRange, auxAddresses = {} }) => {
    const held = Object.entries(auxAddresses).map(([who, address]) => `${who} ${address}`);
    return [
      `${subnet}, gateway ${gateway}`,
      ...(ipRange ? [`containers get addresses of ${ipRange}`] : []),
      ...(held.length > 0 ? [`kept free: ${held.join(', ')}`] : []),
    ].join('; ');
  });
  const facts: [string, string][] = [
    ...(uplink === undefined
      ? []
      : [['uplink', vlan === undefined ? uplink : `${uplink}, VLAN ${vlan}`] as [string, string]]),
    ...subnets.map((text): [string, string] => ['subnet', text]),
    ...(addresses === 'dhcp' ? [['address', "from the physical network's DHCP server"] as [string, string]] : []),
    ...effects.map(({ kind, says }): [string, string] => [kind, says]),
    ...warnings.map((text): [string, string] => ['warning', text]),
  ];
  return [
    `network ${oneLine(name)}, driver ${driver}${internal ? ', internal' : ''}`,
    ...facts.map(([what, text]) => `  ${what.padEnd(8)}  ${oneLine(text)}`),
  ];
}
