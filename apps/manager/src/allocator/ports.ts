import { conflict, invalid } from '#lib/common';
import type { PortConfig, Service } from '#lib/domain';
import { isIngress } from '../ingress/ingress.js';

/** Ports that the cluster chooses from (Docker's range). */
const FIRST = 30_000;
const LAST = 32_767;

type Asking = Pick<Service, 'spec' | 'ports'> & { id?: string };

const keyOf = (port: PortConfig) => `${port.Protocol ?? 'tcp'} ${port.PublishedPort ?? 0}`;

/**
 * A service's ports with the chosen ones filled in. A port that is published on every node is of one service in the
 * whole cluster; one that another service has is refused (`invalid`) in Docker's words. Services may publish the same port
 * on single nodes: the scheduler keeps them apart. Ports that were chosen before are kept. Pure.
 */
export function allocatePorts(service: Asking, others: readonly Service[]): PortConfig[] {
  const asked = (service.spec.EndpointSpec?.Ports ?? []).map((port) => ({
    Protocol: 'tcp' as const,
    PublishMode: 'ingress' as const,
    ...port,
  }));
  const taken = portsOf(others.filter((other) => other.id !== service.id));
  for (const port of asked) if (port.PublishedPort) refuseTaken(port, taken);
  const held = new Set([...taken.ingress.keys(), ...taken.host.keys(), ...asked.map(keyOf)]);
  return asked.map((port) => {
    if (port.PublishedPort || !isIngress(port)) return port;
    const PublishedPort = choose(port, service.ports, held);
    held.add(keyOf({ ...port, PublishedPort }));
    return { ...port, PublishedPort };
  });
}

type Taken = Record<'ingress' | 'host', Map<string, Service>>;

function portsOf(services: readonly Service[]): Taken {
  const taken: Taken = { ingress: new Map(), host: new Map() };
  for (const service of services) {
    for (const port of service.ports) taken[isIngress(port) ? 'ingress' : 'host'].set(keyOf(port), service);
  }
  return taken;
}

function refuseTaken(port: PortConfig, taken: Taken): void {
  const refuse = (holder: Service | undefined, as: string) => {
    if (!holder) return;
    throw invalid(
      `rpc error: code = InvalidArgument desc = port '${port.PublishedPort}' is already in use by service ` +
        `'${holder.spec.Name}' (${holder.id}) as ${as} port`,
    );
  };
  refuse(taken.ingress.get(keyOf(port)), 'an ingress');
  if (isIngress(port)) refuse(taken.host.get(keyOf(port)), 'a host-published');
}

function choose(port: PortConfig, before: readonly PortConfig[], held: ReadonlySet<string>): number {
  const isFree = (PublishedPort: number) => !held.has(keyOf({ ...port, PublishedPort }));
  const same = (each: PortConfig) => each.Protocol === port.Protocol && each.TargetPort === port.TargetPort;
  const kept = before.find((each) => same(each) && isIngress(each) && isFree(each.PublishedPort ?? 0));
  if (kept?.PublishedPort) return kept.PublishedPort;
  for (let next = FIRST; next <= LAST; next++) if (isFree(next)) return next;
  throw conflict(`no free ingress port is left in ${FIRST}-${LAST}/${port.Protocol}`);
}
