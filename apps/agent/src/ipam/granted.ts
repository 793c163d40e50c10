import { endpointId, type GrantedAttachment } from '#lib/domain';
import type { Store } from '#lib/store';

/** What the manager has given a container outside services on a network of the swarm. */
export function grantedIn(
  view: Pick<Store, 'get'>,
  containerId: string,
  networkId: string,
): GrantedAttachment | undefined {
  const assigned = view.get('assignment', `attachment ${endpointId(containerId, networkId)}`)?.value;
  return assigned?.kind === 'attachment' ? assigned.value : undefined;
}
