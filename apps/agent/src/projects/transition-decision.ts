import type { Project } from '#lib/compose';
import { conflict, notFound } from '#lib/common';
import type { UpRequest } from '#lib/contracts';
import type { Container, ObservedContainer } from '#lib/domain';
import type { Store } from '#lib/store';
import type { PortView } from '../containers/grant-ports.js';
import type { ImageFacts } from '../images/images.js';
import type { Surroundings } from '../networks/surroundings.js';
import { chosenServices, draftsOf, type ServiceDraft } from './desired/drafts.js';
import { keptContainers } from './desired/kept.js';
import { volumesOf } from './desired/networks.js';
import { networkChanges, refuseAttached, stayingNetworks } from './network-changes.js';

export interface TransitionFacts {
  view: Pick<Store, 'get' | 'list'>;
  surroundings: Surroundings;
  listening: PortView['listening'];
  random: PortView['random'];
  quarantined(networkId: string): Set<string>;
  /** names of all volumes that the engine has */
  volumes: ReadonlySet<string>;
  /** of an image that is here, by its name */
  image(name: string): ImageFacts | undefined;
  /** the engine's container, by our id */
  observed(containerId: string): ObservedContainer | undefined;
  /** id of a container that is made anew: the same one whenever it is asked within one request */
  idOf(name: string): string;
  /** makes the content of an inline secret fit for the store */
  seal(content: string): string;
}

export interface Asked {
  project: Project;
  request: UpRequest;
  facts: TransitionFacts;
}

/** What becomes of everything that the project has, or is to have. */
export interface Decided {
  networks: ReturnType<typeof networkChanges>;
  volumes: ReturnType<typeof volumesOf>;
  drafts: ServiceDraft[];
  /** containers of the project as they are */
  existing: Container[];
  /** of services that this request is not about */
  bystanders: Container[];
  /** what stays as it is, by what is asked for */
  kept: Map<ServiceDraft, Container>;
  leaving: Container[];
  orphans: Container[];
  /** all that stays on this node, of whatever project */
  others: Container[];
  /** all that does not: what leaves now, and what is on its way already */
  gone: Container[];
}

/** What an up is about, before anything is given out. Refuses what cannot be. */
export function decide({ project, request, facts }: Asked): Decided {
  const { view, surroundings } = facts;
  const networks = networkChanges(project, surroundings);
  const volumes = volumesOf(project, surroundings.now);
  for (const name of volumes.external) {
    if (!facts.volumes.has(name)) throw notFound(`volume ${name} declared as external, but could not be found`);
  }
  const imageHealthcheck = (image: string) => facts.image(image)?.healthcheck;
  const idOf = (name: string) => facts.idOf(name);
  const drafts = draftsOf(project, { ...request, imageHealthcheck, idOf, now: surroundings.now });
  const all = view.list('container').filter((each) => each.target !== 'removed');
  const existing = all.filter((each) => each.project === project.name);
  const chosen = new Set(chosenServices(project, request));
  const bystanders = existing.filter(({ service = '' }) => !chosen.has(service));
  const kept = keptContainers(drafts, { existing, others: bystanders }, request, {
    image: (name) => facts.image(name),
    observed: (id) => facts.observed(id),
    stays: stayingNetworks(surroundings.networks, networks.replaced),
  });
  const known = new Set([...Object.keys(project.services), ...request.disabledServices]);
  const staying = new Set([...kept.values()].map((each) => each.id));
  const leaving = existing.filter(({ id, service = '' }) => {
    if (staying.has(id)) return false;
    return chosen.has(service) || (request.removeOrphans && !known.has(service));
  });
  const others = all.filter((each) => !leaving.includes(each));
  refuseAttached(project.name, networks.replaced, others);
  refuseTakenNames(project.name, drafts, others);
  const orphans = existing.filter((each) => !leaving.includes(each) && !known.has(each.service ?? ''));
  const going = view.list('container').filter((each) => each.target === 'removed');
  const gone = [...going, ...leaving.map((each): Container => ({ ...each, target: 'removed' }))];
  return { networks, volumes, drafts, existing, bystanders, kept, leaving, orphans, others, gone };
}

function refuseTakenNames(project: string, drafts: readonly ServiceDraft[], others: readonly Container[]): void {
  for (const draft of drafts) {
    const holder = others.find((each) => each.name === draft.name && each.project !== project);
    if (holder)
      throw conflict(`container name ${draft.name} is in use by another container (${holder.id.slice(0, 12)})`);
  }
}
