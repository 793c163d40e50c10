import { forbidden, invalid } from '#lib/common';
import type { Container, Endpoint, Network } from '#lib/domain';
import { grantEndpoints, type AttachmentRequest } from '../ipam/grant-endpoints.js';
import { endpointView, type GrantFacts } from './grant-containers.js';

/**
 * The container with one more attachment. While it does not run, an attachment that it has already is replaced. Pure.
 * Errors in Docker's words.
 */
export function attached(
  container: Container,
  network: Network,
  request: AttachmentRequest,
  facts: GrantFacts,
  runs: boolean,
): Container {
  if (isAway(container, network) && !runs) return container;
  mustAccept(container, network);
  const before = container.endpoints.find((at) => at.networkId === network.id);
  if (before && runs) {
    throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`);
  }
  const endpoints = container.endpoints.filter((at) => at !== before);
  const leaving = container.leaving?.filter((at) => at.networkId !== network.id) ?? [];
  const chosen = () => (runs ? nextName([...container.endpoints, ...(container.leaving ?? [])]) : freeName(endpoints));
  const ifName = request.ifName ?? before?.ifName ?? chosen();
  if (endpoints.some((at) => at.ifName === ifName)) {
    throw invalid(`container ${container.name} has an interface ${ifName} already`);
  }
  const others = facts.others.map((each) => (each.id === container.id ? { ...container, endpoints, leaving } : each));
  const granted = grantEndpoints(
    [{ ...request, ifName, containerId: container.id, containerName: container.name }],
    endpointView({ ...facts, others }),
  );
  return { ...container, endpoints: [...endpoints, ...(granted.get(container.id) ?? [])], leaving };
}

/** The container without its attachment to the network. Pure. */
export function detached(container: Container, network: Pick<Network, 'id' | 'name' | 'driver'>): Container {
  if (container.networkMode === 'host' && network.driver === 'host') throw hostRefused();
  if (isAway(container, network)) return container;
  const gone = container.endpoints.find((at) => at.networkId === network.id);
  if (!gone) throw forbidden(`container ${container.id} is not connected to network ${network.name}`);
  return {
    ...container,
    endpoints: container.endpoints.filter((at) => at !== gone),
    leaving: [...(container.leaving ?? []), gone],
  };
}

/** Who makes a container anew has it leave its networks and join them again, also where that is `none`. */
function isAway({ networkMode }: Container, { driver }: Pick<Network, 'driver'>): boolean {
  return networkMode === 'none' && driver === 'none';
}

function mustAccept({ networkMode }: Container, { driver }: Network): void {
  if (driver === 'host') throw hostRefused();
  if (driver === 'none' || networkMode === 'none') {
    throw invalid('container cannot be connected to multiple networks with one of the networks in private (none) mode');
  }
  if (networkMode !== 'bridged') {
    throw invalid(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
}

const hostRefused = () => invalid('container cannot be disconnected from host network or connected to host network');

/** The first that nobody has: before its start nobody has seen a container's interfaces. */
function freeName(endpoints: readonly Endpoint[]): string {
  const free = (name: string) => !endpoints.some(({ ifName }) => ifName === name);
  return Array.from({ length: endpoints.length + 1 }, (_, index) => `eth${index}`).find(free)!;
}

/** Interfaces of what runs go on from the highest number that was ever there, so that none changes its name. */
function nextName(endpoints: readonly Endpoint[]): string {
  const numbers = endpoints.map(({ ifName }) => Number(/^eth(\d+)$/.exec(ifName)?.[1] ?? -1));
  return `eth${Math.max(-1, ...numbers) + 1}`;
}
