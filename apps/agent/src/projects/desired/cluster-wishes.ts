import type { Project } from '#lib/compose';
import type { UpRequest } from '#lib/contracts';
import type { Container, Network, WantedAttachment } from '#lib/domain';
import { earlyWish, wishesOf } from '../../networks/wanted-attachments.js';
import { changedNetworks, stayingNetworks } from '../network-changes.js';
import { chosenServices, draftsOf, type DraftOptions } from './drafts.js';
import { keptContainers, type KeepFacts } from './kept.js';
import { networkRequestsOf } from './networks.js';

/**
 * What the containers of an `up` need of the swarm: attachments to external networks that are the swarm's, or may be.
 * One that stays asks for what it has; one that is made anew may take over its predecessor's addresses. Pure.
 */
export function clusterWishes(
  project: Project,
  request: UpRequest,
  facts: {
    existing: readonly Container[];
    networks: readonly Network[];
    concerns(network: string): boolean;
  } & Pick<DraftOptions, 'idOf' | 'now'> &
    Pick<KeepFacts, 'image' | 'observed'>,
): WantedAttachment[] {
  const names = networkRequestsOf(project).external.filter((name) => facts.concerns(name));
  if (names.length === 0) return [];
  const { idOf, now } = facts;
  const drafts = draftsOf(project, { ...request, imageHealthcheck: () => undefined, idOf: (name) => idOf(name), now });
  const there = stayingNetworks(facts.networks, changedNetworks(project, facts.networks));
  const endpoints = facts.existing.flatMap((each) => each.endpoints);
  // One of the swarm may have left the node since the container was stopped: it comes back, the same, when it is asked for.
  const swarms = new Set(endpoints.flatMap(({ cluster, networkId }) => (cluster ? [networkId] : [])));
  const stays = (id: string) => swarms.has(id) || there(id);
  const chosen = new Set(chosenServices(project, request));
  const others = facts.existing.filter(({ service = '' }) => !chosen.has(service));
  const kept = keptContainers(drafts, { existing: facts.existing, others }, request, { ...facts, stays });
  return drafts.flatMap((draft) => {
    const same = kept.get(draft);
    if (same) return wishesOf(same);
    const before = facts.existing.find((each) => each.name === draft.name);
    return draft.attachments
      .filter(({ network }) => names.includes(network))
      .map(({ network, mac, ipv4, ipv6 }) => earlyWish(draft, network, { mac, ipv4, ipv6, replaces: before?.id }));
  });
}
