import type { NetworkDefinition } from '../model/project.js';
import type { Problems } from '../problems.js';
import { parseAddress, Subnet, type Address, type Family } from './subnet.js';

/** One address pool of a network, as far as the file gives it. */
export interface Pool {
  subnet: Subnet;
  /** the gateway, and whether the file says it */
  gateway: { address: Address; given: boolean } | undefined;
  /** address → name in aux_addresses */
  reserved: Map<bigint, string>;
  path: (string | number)[];
}

/** Checks `ipam.config` of one network in itself and gives its pools; what is wrong becomes a problem. */
export function readPools(problems: Problems, key: string, network: NetworkDefinition): Pool[] {
  const pools: Pool[] = [];
  for (const [index, config] of (network.ipam?.config ?? []).entries()) {
    const path = ['networks', key, 'ipam', 'config', index];
    const refuse = (field: string, message: string) => problems.add([...path, field], `networks.${key}: ${message}`);
    if (config.subnet === undefined) {
      for (const field of ['gateway', 'ip_range', 'aux_addresses'] as const) {
        if (config[field] !== undefined) refuse(field, `${field} needs the subnet that it is in`);
      }
      continue;
    }
    const subnet = Subnet.parse(config.subnet);
    if (!subnet) {
      refuse('subnet', `"${config.subnet}" is not a subnet; write for example 172.28.0.0/16 or fd00:28::/64`);
      continue;
    }
    if (!subnet.exact) refuse('subnet', `subnet ${config.subnet} has bits beyond its prefix; it should be ${subnet}`);
    const twin = pools.find((pool) => pool.subnet.family === subnet.family);
    if (twin)
      refuse(
        'subnet',
        `${subnet} is a second ${subnet.family} subnet beside ${twin.subnet}; a network has one for each family`,
      );
    const within = (field: string, text: string, what: string) =>
      addressIn(subnet, text, (message) => refuse(field, `${what} ${message}`));

    const given = config.gateway === undefined ? undefined : within('gateway', config.gateway, 'gateway');
    if (config.ip_range !== undefined) checkRange(subnet, config.ip_range, (message) => refuse('ip_range', message));
    const reserved = new Map<bigint, string>();
    for (const [name, text] of Object.entries(config.aux_addresses ?? {})) {
      const address = within('aux_addresses', text, `aux_addresses.${name}`);
      if (!address) continue;
      if (given && address.value === given.value)
        refuse('aux_addresses', `aux_addresses.${name} ${text} is the gateway`);
      reserved.set(address.value, name);
    }
    const gateway = given ?? parseAddress(subnet.firstHost)!;
    pools.push({
      subnet,
      gateway: config.gateway !== undefined && !given ? undefined : { address: gateway, given: given !== undefined },
      reserved,
      path,
    });
  }
  return pools;
}

function addressIn(subnet: Subnet, text: string, refuse: (message: string) => void): Address | undefined {
  const address = parseAddress(text);
  const accepted = `${subnet.family} addresses from ${subnet.firstHost} to ${subnet.lastHost}`;
  if (!address) refuse(`"${text}" is not an IP address; accepted are ${accepted}`);
  else if (!subnet.has(address)) refuse(`${text} is outside the subnet ${subnet}; accepted are ${accepted}`);
  else if (subnet.roleOf(address))
    refuse(`${text} is the ${subnet.roleOf(address)} of ${subnet}; accepted are ${accepted}`);
  else return address;
  return undefined;
}

function checkRange(subnet: Subnet, text: string, refuse: (message: string) => void): void {
  const range = Subnet.parse(text);
  if (!range) refuse(`ip_range "${text}" is not a range; write it as a part of the subnet, for example ${subnet}`);
  else if (!subnet.contains(range)) refuse(`ip_range ${text} is not inside the subnet ${subnet}`);
}

export type PoolsByNetwork = ReadonlyMap<string, readonly Pool[]>;

/** No two networks of a project may share addresses. */
export function checkOverlaps(problems: Problems, pools: PoolsByNetwork): void {
  const seen: { key: string; pool: Pool }[] = [];
  for (const [key, own] of pools) {
    for (const pool of own) {
      for (const other of seen) {
        if (other.key === key || !other.pool.subnet.overlaps(pool.subnet)) continue;
        const message = `networks.${key}: subnet ${pool.subnet} overlaps ${other.pool.subnet} of networks.${other.key}`;
        problems.add([...pool.path, 'subnet'], `${message}; networks of a project need separate subnets`);
      }
      seen.push({ key, pool });
    }
  }
}

export const poolOf = (pools: readonly Pool[], family: Family) => pools.find((pool) => pool.subnet.family === family);
