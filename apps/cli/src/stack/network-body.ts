import type { NetworkDefinition, Project } from '#lib/compose';
import { stackLabels } from './labels.js';
import { present } from './present.js';

/** A network of the file as POST /networks/create has it. Pure. */
export function networkBody(stack: string, definition: NetworkDefinition) {
  const { ipam } = definition;
  return {
    Name: definition.name,
    Driver: 'overlay',
    CheckDuplicate: true,
    Internal: definition.internal ?? false,
    Attachable: definition.attachable ?? false,
    EnableIPv4: definition.enable_ipv4 ?? true,
    EnableIPv6: definition.enable_ipv6 ?? false,
    IPAM: {
      Driver: ipam?.driver ?? 'default',
      Options: ipam?.options ?? {},
      Config: (ipam?.config ?? []).map((pool) =>
        present({
          Subnet: pool.subnet,
          Gateway: pool.gateway,
          IPRange: pool.ip_range,
          AuxiliaryAddresses: pool.aux_addresses,
        }),
      ),
    },
    Options: definition.driver_opts ?? {},
    Labels: stackLabels(stack, definition.labels),
  };
}

export type NetworkBody = ReturnType<typeof networkBody>;

/** Definitions of networks that some service is on. */
export function usedNetworks(project: Project): NetworkDefinition[] {
  const used = new Set(Object.values(project.services).flatMap((service) => Object.keys(service.networks ?? {})));
  return Object.entries(project.networks)
    .filter(([key]) => used.has(key))
    .map(([, definition]) => definition);
}
