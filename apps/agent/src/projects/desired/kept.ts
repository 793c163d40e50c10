import type { UpRequest } from '#lib/contracts';
import type { Container, ObservedContainer } from '#lib/domain';
import type { ImageFacts } from '../../images/images.js';
import type { ServiceDraft } from './drafts.js';
import { sharesAsAsked } from './sharing.js';

export interface KeepFacts {
  /** of an image that is here, by its name; undefined: nobody knows, or it is not here */
  image(name: string): ImageFacts | undefined;
  /** the engine's container, by our id */
  observed(containerId: string): ObservedContainer | undefined;
  /** is the network there, and as it is asked for? */
  stays(networkId: string): boolean;
}

/**
 * The containers that stay as they are, by what is asked for. All others that are asked for are made (anew). Pure.
 * @param others containers of the project whose services are not asked for
 */
export function keptContainers(
  drafts: readonly ServiceDraft[],
  { existing, others }: Record<'existing' | 'others', readonly Container[]>,
  request: UpRequest,
  facts: KeepFacts,
): Map<ServiceDraft, Container> {
  const kept = new Map<ServiceDraft, Container>();
  for (const draft of drafts) {
    const match = existing.find((each) => each.name === draft.name);
    if (match && keeps(match, draft, request, facts)) kept.set(draft, match);
  }
  leaveWithSharers(kept, others);
  return kept;
}

function keeps(match: Container, draft: ServiceDraft, request: UpRequest, facts: KeepFacts): boolean {
  if (request.noRecreate) return true;
  if (isForced(draft, request) || match.specHash !== draft.specHash) return false;
  if (isOfAnotherImage(match, draft, facts)) return false;
  return match.endpoints.every((at) => facts.stays(at.networkId));
}

/** As with Docker Compose: what a named service depends on is made anew only where it changed. */
function isForced({ service = '' }: ServiceDraft, { forceRecreate, services }: UpRequest): boolean {
  return forceRecreate && (services.length === 0 || services.includes(service));
}

/** The name means another image than when it was made. One that is gone is no reason to give up what runs. */
function isOfAnotherImage(match: Container, draft: ServiceDraft, { image, observed }: KeepFacts): boolean {
  const now = image(draft.spec.Image)?.id;
  const then = observed(match.id)?.imageId;
  return Boolean(now && then) && now !== then;
}

/** A container in a namespace of another one does not outlive it. */
function leaveWithSharers(kept: Map<ServiceDraft, Container>, others: readonly Container[]): void {
  for (const [draft, container] of kept) {
    if (sharesAsAsked(container, draft.sharing, [...kept.values(), ...others])) continue;
    kept.delete(draft);
    // One that was kept before may share with this one.
    return leaveWithSharers(kept, others);
  }
}
