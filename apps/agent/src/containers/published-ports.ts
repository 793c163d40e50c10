import type { Container, PublishedPort } from '#lib/domain';

/**
 * The addresses of the node at which a port is published. Where it names none, every address: of IPv6 only where the
 * container has such an address, since nothing translates.
 */
export function hostAddresses({ endpoints }: Pick<Container, 'endpoints'>, { hostIp }: PublishedPort): string[] {
  if (hostIp !== '') return [hostIp];
  const has = (family: 'ipv4' | 'ipv6') => endpoints.some((endpoint) => endpoint[family] !== undefined);
  return [...(has('ipv4') ? ['0.0.0.0'] : []), ...(has('ipv6') ? ['::'] : [])];
}

/** Ports as listings show them, one for each address: of what is up, and has addresses of its own. */
export function shownPorts(container: Container, up: boolean): PublishedPort[] {
  if (!up || container.networkMode !== 'bridged') return [];
  return container.ports.flatMap((port) => hostAddresses(container, port).map((hostIp) => ({ ...port, hostIp })));
}
