import { isVirtual, type Container, type Network } from '#lib/domain';
import { defaultRouteHolder, type EndpointOf } from '#lib/drivers';
import type { Store } from '#lib/store';

/** The container's endpoints with their networks and with which of them holds the default route. */
export function endpointsOf(container: Container, store: Pick<Store, 'get'>): EndpointOf[] {
  const attached = container.endpoints.flatMap((endpoint) => {
    const network = store.get('network', endpoint.networkId)?.value;
    return network && !isVirtual(network) ? [{ container, endpoint, network }] : [];
  });
  const holders = { ipv4: defaultRouteHolder('ipv4', attached), ipv6: defaultRouteHolder('ipv6', attached) };
  return attached.map((at) => ({
    ...at,
    defaultRoute: {
      ipv4: holders.ipv4?.endpoint === at.endpoint,
      ipv6: holders.ipv6?.endpoint === at.endpoint,
    },
  }));
}

/** Attachments that the container was on and whose links may still be there, on networks that are. */
export function leftBy(container: Container, store: Pick<Store, 'get'>): EndpointOf[] {
  return (container.leaving ?? []).flatMap((endpoint) => {
    if (endpoint.gone) return [];
    const network = store.get('network', endpoint.networkId)?.value;
    return network ? [{ container, endpoint, network, defaultRoute: { ipv4: false, ipv6: false } }] : [];
  });
}

/** The order in which names are looked up in the container's networks: by priority, then by name. */
export function lookupOrder(container: Container, store: Pick<Store, 'get'>): Network[] {
  return endpointsOf(container, store)
    .sort((a, b) => b.endpoint.priority - a.endpoint.priority || (a.network.name < b.network.name ? -1 : 1))
    .map((at) => at.network);
}
