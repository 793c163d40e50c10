import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import type { Problems } from '../problems.js';
import { replicasOf } from '../replicas.js';
import { poolOf, type Pool, type PoolsByNetwork } from './pools.js';
import { parseAddress, type Address } from './subnet.js';

const FIELDS = [
  ['ipv4_address', 'IPv4'],
  ['ipv6_address', 'IPv6'],
] as const;

/** Checks the addresses that services ask for, each in its network and all against each other. */
export function checkStaticAddresses(problems: Problems, project: Project, pools: PoolsByNetwork): void {
  const owners = new Map<string, string>();
  for (const [name, service] of Object.entries(project.services)) {
    for (const [network, attachment] of Object.entries(service.networks ?? {})) {
      for (const [field, family] of FIELDS) {
        const text = attachment?.[field];
        if (text === undefined) continue;
        const what = `services.${name}: ${field} ${text} on network ${network}`;
        const refuse = (message: string) =>
          problems.add(['services', name, 'networks', network, field], `${what} ${message}`);
        const address = parseAddress(text);
        if (!address || address.family !== family) {
          refuse(`is not an ${family} address; write for example ${family === 'IPv4' ? '172.28.0.10' : 'fd00:28::10'}`);
          continue;
        }
        checkReplicas(service, refuse);
        if (project.networks[network]?.external !== true)
          checkInPool(address, network, poolOf(pools.get(network) ?? [], family), refuse);
        const key = `${project.networks[network]?.name ?? network} ${address.text}`;
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, name);
        else refuse(`is also that of service ${owner}; an address belongs to one container`);
      }
    }
  }
}

function checkReplicas(service: Service, refuse: (message: string) => void): void {
  const replicas = replicasOf(service);
  if (service.deploy?.mode === 'global') refuse('cannot be given to every node; a static address is for one container');
  else if (replicas > 1) refuse(`cannot be given to ${replicas} replicas; a static address is for one container`);
}

function checkInPool(
  address: Address,
  network: string,
  pool: Pool | undefined,
  refuse: (message: string) => void,
): void {
  if (!pool) {
    refuse(
      `needs a network with an ${address.family} subnet of its own; give networks.${network}.ipam.config a subnet`,
    );
    return;
  }
  const { subnet, gateway, reserved } = pool;
  const accepted = `accepted are ${subnet.firstHost} to ${subnet.lastHost} without the gateway${gateway ? ` ${gateway.address.text}` : ''}`;
  if (!subnet.has(address)) refuse(`is outside the subnet ${subnet}; ${accepted}`);
  else if (subnet.roleOf(address)) refuse(`is the ${subnet.roleOf(address)} of ${subnet}; ${accepted}`);
  else if (gateway?.address.value === address.value) {
    refuse(
      gateway.given
        ? `is the gateway of ${subnet}; ${accepted}`
        : `becomes the gateway of ${subnet}, which names none; ${accepted}`,
    );
  } else if (reserved.has(address.value)) {
    refuse(`is reserved by aux_addresses.${reserved.get(address.value)!}; ${accepted}`);
  }
}
