import { shortId } from '#lib/common';
import type { Container, Endpoint } from '#lib/domain';

/** What an endpoint is called: names that are its container's alone, and names that it shares with others. Pure. */
export function endpointNames(container: Container, endpoint: Endpoint): { own: string[]; shared: string[] } {
  const shared = new Set(endpoint.aliases);
  if (container.service) shared.add(container.service);
  const own = new Set([container.name, shortId(container.id)]);
  if (container.spec.Hostname) own.add(container.spec.Hostname);
  for (const name of own) shared.delete(name);
  return { own: [...own], shared: [...shared] };
}
