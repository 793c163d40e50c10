import { isActive, withheld, type Container, type ObservedContainer, type WantedAttachment } from '#lib/domain';
import type { Store } from '#lib/store';
import { endpointNames } from '../discovery/endpoint-names.js';

export interface AttachmentFacts {
  view: Pick<Store, 'get' | 'list'>;
  observed(containerId: string): ObservedContainer | undefined;
  /** is its network namespace there? */
  hasSandbox(containerId: string): boolean;
}

/**
 * The attachments of this node's containers outside services, as its rows ask for them: of those that run or are to, and
 * of those whose addresses are still in use while they end. Pure.
 */
export function wantedOf({ view, observed, hasSandbox }: AttachmentFacts): WantedAttachment[] {
  return view.list('container').flatMap((container): WantedAttachment[] => {
    const ofSwarm = container.endpoints.filter((at) => at.cluster !== undefined);
    if (ofSwarm.length === 0) return [];
    const status = view.get('status', container.id)?.value;
    const active = container.target !== 'removed' && isActive(container, status);
    if (!active && !hasSandbox(container.id)) return [];
    const left = withheld(container, status, observed(container.id));
    return ofSwarm.map((endpoint) => {
      const { own, shared } = endpointNames(container, endpoint);
      return {
        ...keyOf(container, endpoint.networkId),
        mac: endpoint.mac,
        ...(endpoint.ipv4 !== undefined && { ipv4: endpoint.ipv4 }),
        ...(endpoint.ipv6 !== undefined && { ipv6: endpoint.ipv6 }),
        names: own,
        sharedNames: shared,
        withheld: left,
      };
    });
  });
}

/** What is wanted before there is a row: addresses, and nothing that leads there. */
export function earlyWish(
  container: Pick<Container, 'id' | 'name'> & Partial<Pick<Container, 'service' | 'ports'>>,
  network: string,
  more: Pick<WantedAttachment, 'mac' | 'ipv4' | 'ipv6' | 'preferred' | 'replaces'>,
): WantedAttachment {
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
  const none = { names: [container.name], sharedNames: [], withheld: 'not started' };
  return { ...keyOf(container, network), ...given, ...none };
}

/** What a container that has been attached before needs to be so again, with the same addresses where they are free. */
export function wishesOf(container: Container): WantedAttachment[] {
  // A MAC that nobody asked for follows from the address, which may be another one by then.
  return container.endpoints.flatMap(({ cluster, networkId, asked = {}, ipv4, ipv6 }) =>
    cluster === undefined ? [] : [earlyWish(container, networkId, { ...asked, preferred: { ipv4, ipv6 } })],
  );
}

function keyOf(
  { id, service, ports }: Pick<Container, 'id'> & Partial<Pick<Container, 'service' | 'ports'>>,
  network: string,
): Pick<WantedAttachment, 'containerId' | 'network' | 'service' | 'ports'> {
  const published = (ports ?? []).map((port) => ({ protocol: port.protocol, port: port.containerPort }));
  return { containerId: id, network, service: service ?? '', ports: published };
}
