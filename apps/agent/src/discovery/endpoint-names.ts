import { shortId } from '#lib/common';
import type { Container, Endpoint } from '#lib/domain';

/**
 * What an endpoint is called: names that are its container's alone, and names that it shares with others. One may be both,
 * as a host name that is the service's name. An alias that repeats the container's own name or id, as clients of Compose ask
 * for it, is shared with nobody. Pure.
 */
export function endpointNames(container: Container, endpoint: Endpoint): { own: string[]; shared: string[] } {
  const alone = [container.name, shortId(container.id)];
  const shared = new Set(endpoint.aliases.filter((alias) => !alone.includes(alias)));
  if (container.service) shared.add(container.service);
  return { own: ownNames(container), shared: [...shared] };
}

/** What a container alone is called on all of its networks. */
export function ownNames({
  id,
  name,
  spec: { Hostname, Domainname },
}: Pick<Container, 'id' | 'name' | 'spec'>): string[] {
  const hostnames = Hostname ? [Hostname, ...(Domainname ? [`${Hostname}.${Domainname}`] : [])] : [];
  return [...new Set([name, shortId(id), ...hostnames])];
}
