import { conflict, digestOf, forbidden, invalid, newId } from '#lib/common';
import type { DaemonConfig } from '#lib/contracts';
import { isLinkName, isVirtual, type IpamPool, type IpamRequest, type Network, type NetworkRequest } from '#lib/domain';
import { driverFor, type Placement } from '#lib/drivers';
import { grantPool, uniqueLocalPrefix, type Base, type Family } from '#lib/ipam';
import { shutOff } from './shut-off.js';
import type { Surroundings } from './surroundings.js';
import { takenAround } from './taken.js';

/** Where nat networks without a subnet of their own come from (networks.md). */
const NAT_BASE: Base = { base: '172.16.0.0/12', size: 20, order: 'last-to-first' };
/** Options that name the kernel link, the reference's own first. */
const LINK_NAME_OPTIONS = ['com.docker.network.windowsshim.networkname', 'com.docker.network.bridge.name'];

/** A network that may be written down, and what its maker should be told. */
export interface GrantedNetwork {
  network: Network;
  warnings: string[];
}

/** Checks a request against the node and gives it a place, subnets, gateways, an id and a link name. Pure. */
export function grantNetwork(request: NetworkRequest, around: Surroundings): GrantedNetwork {
  if (request.name === '') throw invalid('a network needs a name');
  if (around.networks.some((other) => other.name === request.name && other.target === 'present')) {
    throw conflict(`network with name ${request.name} already exists`);
  }
  if (isVirtual(request) && around.networks.some(({ driver }) => driver === request.driver)) {
    throw forbidden(
      `network ${request.name}: only one instance of "${request.driver}" network is allowed: use that one, external and named ${request.driver}`,
    );
  }
  if (!request.enableIPv4 && !request.enableIPv6) throw invalid(`network ${request.name}: IPv4 and IPv6 are both off`);
  const at: Placement = isVirtual(request)
    ? { subnets: 'own', pools: [], warnings: [] }
    : driverFor(request.driver).place(request, { ...around, names: around.node.names });
  const id = newId();
  const pools = isVirtual(request) ? [] : poolsOf(request, at, around);
  const network: Network = {
    ...request,
    id,
    pools,
    asked: { pools: request.pools, enableIPv6: request.enableIPv6 },
    enableIPv6: pools.some((pool) => pool.subnet.includes(':')),
    ...linkNameOf(request, id, around),
    uplink: at.uplink,
    vlan: at.vlan,
    createdAt: around.now,
    target: 'present',
  };
  const barred = shutOff([network], around);
  return { network, warnings: [...at.warnings, ...(barred === undefined ? [] : [barred])] };
}

function poolsOf(request: NetworkRequest, at: Placement, around: Surroundings): IpamPool[] {
  const { config, id } = around.node;
  const taken = takenAround(at, around);
  const pools: IpamPool[] = [];
  for (const family of [4, 6] as const) {
    const asked = at.pools.filter((pool) => familyOf(pool) === family);
    if (asked.length > 1) {
      throw invalid(
        `network ${request.name}: ${asked.map((pool) => pool.subnet).join(' and ')}: one IPv${family} subnet is possible`,
      );
    }
    const wanted = family === 4 ? request.enableIPv4 : request.enableIPv6 || asked.length > 0;
    if (!wanted || (at.subnets === 'segment' && !asked[0]?.subnet)) continue;
    pools.push(
      grantPool(asked[0] ?? {}, {
        family,
        taken,
        bases: at.subnets === 'own' ? basesFor(family, config, id) : [],
        within: family === 4 && request.driver === 'nat' ? natPrefix(config) : undefined,
      }),
    );
  }
  return pools;
}

/** A pool that says nothing of its family is IPv4. */
function familyOf(pool: IpamRequest): Family {
  return [pool.subnet, pool.gateway, pool.ipRange].some((text) => text?.includes(':')) ? 6 : 4;
}

function basesFor(family: Family, config: DaemonConfig, nodeId: string): Base[] {
  const configured = (config.defaultAddressPools ?? [])
    .filter(({ base }) => base.includes(':') === (family === 6))
    .map(({ base, size }): Base => ({ base, size, order: 'first-to-last' }));
  if (configured.length > 0) return configured;
  if (family === 6) return [{ base: uniqueLocalPrefix(digestOf(`ula ${nodeId}`)), size: 64, order: 'first-to-last' }];
  return [config.natPrefix ? { ...NAT_BASE, base: config.natPrefix, size: partitionOf(config.natPrefix) } : NAT_BASE];
}

/** /20s where the prefix is large enough, else sixteen parts of it, /29s at the smallest. */
function partitionOf(prefix: string): number {
  return Math.min(29, Math.max(20, Number(prefix.split('/')[1]) + 4));
}

function natPrefix(config: DaemonConfig): { cidr: string; name: string } | undefined {
  return config.natPrefix ? { cidr: config.natPrefix, name: 'nat-prefix of the daemon configuration' } : undefined;
}

/** A name that was asked for and is longer than a link's becomes the link's alternative name. */
function linkNameOf(
  request: NetworkRequest,
  id: string,
  { node, links, networks, replaced }: Surroundings,
): Pick<Network, 'linkName' | 'altName'> {
  const asked = LINK_NAME_OPTIONS.map((option) => request.options[option]).find((name) => name !== undefined);
  if (asked === undefined) return { linkName: node.names.bridge(id) };
  const holders = networks.filter((other) => other.linkName === asked || other.altName === asked);
  const leaves = holders.length > 0 && holders.every(({ id }) => replaced?.has(id));
  if (!leaves && (holders.length > 0 || links.some((link) => link.name === asked))) {
    throw conflict(`network ${request.name}: a link named ${asked} exists on this node already`);
  }
  return isLinkName(asked) ? { linkName: asked } : { linkName: node.names.bridge(id), altName: asked };
}
