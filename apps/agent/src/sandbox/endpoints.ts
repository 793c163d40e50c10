import { isVirtual, type Container, type Network } from '#lib/domain';
import type { EndpointOf } from '#lib/drivers';
import type { Store } from '#lib/store';

/** The container's endpoints with their networks; which of them holds the default route is decided here. */
export function endpointsOf(container: Container, store: Pick<Store, 'get'>): EndpointOf[] {
  const attached = container.endpoints.flatMap((endpoint) => {
    const network = store.get('network', endpoint.networkId)?.value;
    return network && !isVirtual(network) ? [{ container, endpoint, network }] : [];
  });
  const candidates = [...attached].sort(
    (a, b) => b.endpoint.gwPriority - a.endpoint.gwPriority || compare(a.network, b.network),
  );
  const routed = (family: 'ipv4' | 'ipv6') =>
    candidates.find((at) => at.endpoint[family] !== undefined && !at.network.internal);
  const holders = { ipv4: routed('ipv4'), ipv6: routed('ipv6') };
  return attached.map((at) => ({
    ...at,
    defaultRoute: {
      ipv4: holders.ipv4?.endpoint === at.endpoint,
      ipv6: holders.ipv6?.endpoint === at.endpoint,
    },
  }));
}

/** Attachments that the container was on, on networks that are still there. */
export function leftBy(container: Container, store: Pick<Store, 'get'>): EndpointOf[] {
  return (container.leaving ?? []).flatMap((endpoint) => {
    const network = store.get('network', endpoint.networkId)?.value;
    return network ? [{ container, endpoint, network, defaultRoute: { ipv4: false, ipv6: false } }] : [];
  });
}

function compare(a: Network, b: Network): number {
  return Number(a.internal) - Number(b.internal) || (a.name < b.name ? -1 : 1);
}

/** The order in which names are looked up in the container's networks: by priority, then by name. */
export function lookupOrder(container: Container, store: Pick<Store, 'get'>): Network[] {
  return endpointsOf(container, store)
    .sort((a, b) => b.endpoint.priority - a.endpoint.priority || (a.network.name < b.network.name ? -1 : 1))
    .map((at) => at.network);
}
