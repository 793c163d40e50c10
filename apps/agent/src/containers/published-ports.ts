import type { Container, Network, PublishedPort } from '#lib/domain';
import { hostAddresses } from '#lib/drivers';

/** Ports as listings show them, one for each address where it is reached: of what is up, and has addresses of its own. */
export function shownPorts(
  container: Container,
  up: boolean,
  networkOf: (id: string) => Network | undefined,
): PublishedPort[] {
  if (!up || container.networkMode !== 'bridged') return [];
  return container.ports.flatMap((port) =>
    hostAddresses(container, port, networkOf).map((hostIp) => ({ ...port, hostIp })),
  );
}
