import type { ClusterNetwork } from '#lib/domain';

/** Docker's JSON of a network of the swarm (GET /networks/:id), as a manager knows it. Pure. */
export function networkJson(network: ClusterNetwork) {
  const pools = network.pools.length > 0 ? network.pools : network.asked;
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: 'swarm',
    Driver: 'overlay',
    EnableIPv4: true,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: pools.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
        ...(subnet && { Subnet: subnet }),
        ...(ipRange && { IPRange: ipRange }),
        ...(gateway && { Gateway: gateway }),
        ...(auxAddresses && { AuxiliaryAddresses: auxAddresses }),
      })),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.ingress,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options: {
      ...network.options,
      ...(network.vni !== undefined && { 'com.docker.network.driver.overlay.vxlanid_list': String(network.vni) }),
    },
    Labels: network.labels,
  };
}
