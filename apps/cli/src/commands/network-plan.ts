import { type Command, Option } from 'commander';
import { invalid } from '#lib/common';
import type { Context } from '../context.js';
import { networkPlanLines } from '../output/network-plan.js';
import { json } from '../output/table.js';

/** `docker network create`'s options, under the same names. */
interface CreateOptions {
  driver: string;
  subnet: string[];
  gateway: string[];
  ipRange: string[];
  auxAddress: Record<string, string>;
  opt: Record<string, string>;
  label: Record<string, string>;
  internal?: boolean;
  ipv4: boolean;
  ipv6?: boolean;
  format: 'text' | 'json';
}

export function definePlan(command: Command, context: Context): void {
  command
    .command('plan')
    .summary('Show what docker network create would make, and make nothing')
    .argument('[name]', 'the name it would get', 'planned')
    .option('-d, --driver <driver>', 'nat, transparent, l2bridge or l2tunnel', 'nat')
    .option('--subnet <cidr>', 'one for each address family (repeatable)', collect, [])
    .option('--gateway <address>', 'router of a subnet (repeatable)', collect, [])
    .option('--ip-range <cidr>', 'part of a subnet that containers get addresses of (repeatable)', collect, [])
    .option('--aux-address <name=address>', 'an address that is kept free (repeatable)', pair, {})
    .option('-o, --opt <key=value>', "the driver's options (repeatable)", pair, {})
    .option('--label <key=value>', 'labels (repeatable)', pair, {})
    .option('--internal', 'without a way out')
    .option('--no-ipv4', 'without IPv4')
    .option('--ipv6', 'with IPv6')
    .addOption(new Option('--format <how>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (name: string, options: CreateOptions) => {
      const found = await (await context.client()).planNetwork(createBody(name, options));
      const text = options.format === 'json' ? json(found) : `${networkPlanLines(found).join('\n')}\n`;
      context.system.stdout.write(text);
    });
}

/** POST /networks/create, as the docker CLI makes it of the same options. */
export function createBody(name: string, options: CreateOptions): object {
  return {
    Name: name,
    Driver: options.driver,
    Internal: options.internal ?? false,
    EnableIPv4: options.ipv4,
    EnableIPv6: options.ipv6 ?? false,
    IPAM: { Config: poolsOf(options) },
    Options: options.opt,
    Labels: options.label,
  };
}

/** What belongs to one address family belongs together: a network has one subnet of each. */
function poolsOf({ subnet, gateway, ipRange, auxAddress }: CreateOptions): object[] {
  return [false, true].flatMap((v6) => {
    const ofFamily = (texts: string[]) => texts.filter((text) => text.includes(':') === v6);
    const aux = Object.entries(auxAddress).filter(([, address]) => address.includes(':') === v6);
    const [subnets, gateways, ranges] = [ofFamily(subnet), ofFamily(gateway), ofFamily(ipRange)];
    const count = Math.max(subnets.length, gateways.length, ranges.length, aux.length > 0 ? 1 : 0);
    return Array.from({ length: count }, (_, n) => ({
      ...(subnets[n] && { Subnet: subnets[n] }),
      ...(gateways[n] && { Gateway: gateways[n] }),
      ...(ranges[n] && { IPRange: ranges[n] }),
      ...(n === 0 && aux.length > 0 && { AuxiliaryAddresses: Object.fromEntries(aux) }),
    }));
  });
}

const collect = (text: string, before: string[]) => [...before, text];

function pair(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw invalid(`${text}: expected KEY=VALUE`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
