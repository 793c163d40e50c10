import type { Project, Service, ServiceNetwork } from '#lib/compose';
import { invalid } from '#lib/common';
import type { NetworkMode } from '#lib/domain';
import { endpointOptions } from '../../containers/endpoint-options.js';
import type { AttachmentRequest } from '../../ipam/grant-endpoints.js';
import { explained } from './explained.js';
import { linksOf } from './policies.js';

/** The networks that a service's containers are on, and what they are there. Pure. */
export function attachmentsOf(
  project: Project,
  name: string,
  service: Service,
  mode: NetworkMode,
): AttachmentRequest[] {
  const { networks = {}, network_mode: asked, mac_address: mac } = service;
  if (mac !== undefined && (mode === 'host' || mode.startsWith('container:'))) {
    throw invalid(`services.${name}: conflicting options: mac-address and the network mode`);
  }
  if (mode !== 'bridged') return [];
  const common = { links: linksWithin(service) };
  if (asked) return [{ network: 'nat', mac, aliases: [], gwPriority: 0, priority: 0, ...common }];
  const main = mainNetwork(networks);
  const own = main === undefined ? undefined : networks[main]?.mac_address;
  if (mac !== undefined && own !== undefined && own !== mac) {
    throw invalid(`services.${name}: the service-level mac_address should have the same value as network ${main}`);
  }
  return Object.entries(networks).map(([key, use]) => ({
    network: project.networks[key]?.name ?? key,
    ...addressesOf(use),
    ...(key === main && mac !== undefined && { mac }),
    ...optionsOf(use, `services.${name}.networks.${key}`),
    ...common,
  }));
}

function linksWithin(service: Service): Record<string, string> {
  const external = (service.external_links ?? []).map((link): [string, string] => {
    const [name = '', alias = name] = link.split(':');
    return [alias, name];
  });
  return Object.fromEntries([...linksOf(service), ...external]);
}

/** What is said of a container as a whole is said of this one: of the highest priority, and the first by name. */
function mainNetwork(networks: NonNullable<Service['networks']>): string | undefined {
  const priority = (key: string) => networks[key]?.priority ?? 0;
  const [main] = Object.keys(networks).toSorted((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1));
  return main;
}

function addressesOf(use: ServiceNetwork | null): Omit<AttachmentRequest, 'network' | 'links'> {
  return {
    ipv4: use?.ipv4_address,
    ipv6: use?.ipv6_address,
    mac: use?.mac_address,
    aliases: use?.aliases ?? [],
    gwPriority: use?.gw_priority ?? 0,
    priority: use?.priority ?? 0,
  };
}

/** What the options of the attachment's driver say, and the name of its interface, which may be one of them. */
function optionsOf(use: ServiceNetwork | null, where: string): Partial<AttachmentRequest> {
  const given = Object.entries(use?.driver_opts ?? {}).map(([key, value]) => [key, value ?? '']);
  const options = explained(where, () => endpointOptions(Object.fromEntries(given) as Record<string, string>));
  const ifName = use?.interface_name ?? options.ifName;
  if (options.ifName === undefined || ifName === options.ifName) return { ...options, ifName };
  throw invalid(`${where}: interface_name ${ifName} and the driver_opts' ${options.ifName} are two names for one link`);
}
