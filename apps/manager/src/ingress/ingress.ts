import type { ClusterNetwork, PortConfig, ServiceSpec } from '#lib/domain';
import type { ClusterView } from '#lib/store';

/** Published on every node, which Docker takes where a port says nothing else. */
export function isIngress(port: Pick<PortConfig, 'PublishMode'>): boolean {
  return (port.PublishMode ?? 'ingress') === 'ingress';
}

/** Its tasks have an address on the ingress network. */
export function usesIngress(spec: Pick<ServiceSpec, 'EndpointSpec'>): boolean {
  return (spec.EndpointSpec?.Ports ?? []).some(isIngress);
}

/** There is at most one; somebody may have removed it. */
export function ingressNetwork(view: Pick<ClusterView, 'list'>): ClusterNetwork | undefined {
  return view.list('network').find((network) => network.ingress);
}

/** Docker's words. */
export const NO_INGRESS = 'service needs ingress network, but no ingress network is present';
