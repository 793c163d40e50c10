import { conflict } from '#lib/common';
import type { PortConfig, Service } from '#lib/domain';

/** Ports that the cluster chooses from (Docker's range). */
const FIRST = 30_000;
const LAST = 32_767;

const keyOf = (port: PortConfig) => `${port.Protocol ?? 'tcp'} ${port.PublishedPort ?? 0}`;
const isIngress = (port: PortConfig) => (port.PublishMode ?? 'ingress') === 'ingress';

/**
 * A service's ports with the chosen ones filled in. An ingress port is of one service in the whole cluster; a taken one
 * is a `conflict` that names the holder. Ports chosen before are kept. Pure.
 */
export function allocatePorts(
  service: Pick<Service, 'spec' | 'ports'> & { id?: string },
  others: readonly Service[],
): PortConfig[] {
  const held = new Map<string, string>();
  for (const other of others) {
    if (other.id === service.id) continue;
    for (const port of other.ports.filter(isIngress)) held.set(keyOf(port), other.spec.Name);
  }
  const before = new Map(service.ports.map((port) => [`${port.Protocol} ${port.TargetPort}`, port.PublishedPort]));
  return (service.spec.EndpointSpec?.Ports ?? []).map((asked) => {
    const port = { Protocol: 'tcp' as const, PublishMode: 'ingress' as const, ...asked };
    if (port.PublishedPort) {
      const holder = isIngress(port) ? held.get(keyOf(port)) : undefined;
      if (holder === undefined) return taking(port, held, service.spec.Name);
      throw conflict(`port '${port.PublishedPort}' is already in use by service '${holder}' as an ingress port`);
    }
    if (!isIngress(port)) return port;
    const kept = before.get(`${port.Protocol} ${port.TargetPort}`);
    const candidates = [
      ...(kept ? [kept] : []),
      ...Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index),
    ];
    const free = candidates.find((PublishedPort) => !held.has(keyOf({ ...port, PublishedPort })));
    if (free === undefined) throw conflict(`no free ingress port is left in ${FIRST}-${LAST}/${port.Protocol}`);
    return taking({ ...port, PublishedPort: free }, held, service.spec.Name);
  });
}

function taking(port: PortConfig, held: Map<string, string>, by: string): PortConfig {
  if (isIngress(port)) held.set(keyOf(port), by);
  return port;
}
