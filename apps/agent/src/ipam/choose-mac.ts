import { digestOf, SkepError } from '#lib/common';
import { endpointMac, type Container, type Network } from '#lib/domain';
import { macPoolOf } from '#lib/drivers';

/**
 * The MAC of an endpoint that asks for none: it follows from the container and the network. With a pool of MACs on the
 * network it is one of those, and nobody else's there; the search begins at a place that follows from the container.
 */
export function chooseMac(containerId: string, network: Network, taken: ReadonlySet<string>): string {
  const pool = macPoolOf(network);
  if (!pool) return endpointMac(containerId, network.id);
  const size = pool.last - pool.first + 1;
  const start = Number.parseInt(digestOf(containerId).slice(0, 12), 16) % size;
  // Among those that are taken and one more there is a free one, if there is any.
  for (let tried = 0; tried < Math.min(size, taken.size + 1); tried++) {
    const mac = format(pool.first + ((start + tried) % size));
    if (!taken.has(mac)) return mac;
  }
  throw new SkepError(
    'exhausted',
    `network ${network.name}: no MAC address is left in its macpool: all ${size} are in use`,
  );
}

export function macsOn(network: Network, containers: readonly Container[]): Set<string> {
  return new Set(
    containers.flatMap(({ endpoints }) =>
      endpoints.flatMap(({ networkId, mac }) => (networkId === network.id ? [mac.toLowerCase()] : [])),
    ),
  );
}

function format(value: number): string {
  return value.toString(16).padStart(12, '0').match(/../g)!.join(':');
}
