import type { Project } from '#lib/compose';
import { conflict, digestOf, notFound } from '#lib/common';
import type { UpRequest } from '#lib/contracts';
import { freshStatus, isActive, type Container, type ObservedContainer } from '#lib/domain';
import { unpublished } from '#lib/drivers';
import type { Change, Store } from '#lib/store';
import { grantContainers, regrant, type GrantFacts } from '../containers/grant-containers.js';
import type { ImageFacts } from '../images/images.js';
import type { PortView } from '../networks/grant-ports.js';
import type { Surroundings } from '../networks/surroundings.js';
import { chosenServices, draftsOf, type ServiceDraft } from './desired/drafts.js';
import { inheriting } from './desired/inherited-volumes.js';
import { keptContainers } from './desired/kept.js';
import { restarted } from './desired/restarts.js';
import { shared } from './desired/sharing.js';
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

export interface Transition {
  changes: Change[];
  /** what is asked for: the containers that are to run, as they are to be */
  containers: Container[];
  /** containers of services that the file does not have any more */
  orphans: Container[];
  /** what is accepted and may not do what it says */
  warnings: string[];
}

/** From a model to the changes of desired state that make it true, all or none. Pure. */
export function upTransition(project: Project, request: UpRequest, facts: TransitionFacts): Transition {
  const { view, surroundings } = facts;
  const networks = networkChanges(project, surroundings);
  const volumes = volumesOf(project, surroundings.now);
  for (const name of volumes.external) {
    if (!facts.volumes.has(name)) throw notFound(`volume ${name} declared as external, but could not be found`);
  }
  const adopted = volumes.owned.filter(({ name }) => facts.volumes.has(name) && !view.get('volume', name));
  const imageHealthcheck = (image: string) => facts.image(image)?.healthcheck;
  const idOf = (name: string) => facts.idOf(name);
  const drafts = draftsOf(project, { ...request, imageHealthcheck, idOf, now: surroundings.now });
  const existing = view.list('container').filter((each) => each.project === project.name && each.target !== 'removed');
  const matches = new Map(drafts.map((draft) => [draft, existing.find((each) => each.name === draft.name)]));
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
  const others = view.list('container').filter((each) => each.target !== 'removed' && !leaving.includes(each));
  refuseAttached(project.name, networks.replaced, others);
  for (const draft of drafts) {
    const holder = others.find((each) => each.name === draft.name && each.project !== project.name);
    if (holder)
      throw conflict(`container name ${draft.name} is in use by another container (${holder.id.slice(0, 12)})`);
  }
  const replaced = drafts.flatMap((draft) => (kept.has(draft) || !before(draft, leaving) ? [] : [draft.service ?? '']));
  const again = restarted(kept, replaced);
  const grants: GrantFacts = { ...facts, networks: networks.all, others, links: surroundings.links };
  const fresh = grant(
    drafts.filter((draft) => !kept.has(draft)),
    grants,
    { matches, staying: [...kept.values(), ...bystanders], leaving, request, facts },
  );
  const resumed = [...kept].map(([draft, value]) => {
    const run = again.has(draft) ? facts.observed(value.id) : undefined;
    const isUp = run?.state === 'running' || run?.state === 'paused';
    return resume(draft, value, grants, isUp ? { endRun: run.startedAt } : {});
  });
  const changes: Change[] = [
    { op: 'put', kind: 'project', value: projectRow(project, request, facts) },
    ...networks.replaced.map(({ network }): Change => ({
      op: 'put',
      kind: 'network',
      value: { ...network, target: 'removed' },
    })),
    ...networks.rewritten.map((value): Change => ({ op: 'put', kind: 'network', value })),
    ...networks.made.map((value): Change => ({ op: 'put', kind: 'network', value, expect: 0 })),
    ...volumes.owned
      .filter((volume) => view.get('volume', volume.name)?.value.target !== 'present')
      .map((value): Change => ({ op: 'put', kind: 'volume', value })),
    ...leaving.map((each): Change => {
      const stopGraceSeconds = request.timeoutSeconds ?? each.stopGraceSeconds;
      // What a container has written is given up by `down --volumes` alone.
      const value: Container = { ...each, target: 'removed', stopGraceSeconds, keepVolumes: true };
      return { op: 'put', kind: 'container', value };
    }),
    ...fresh.flatMap((value): Change[] => [
      { op: 'put', kind: 'container', value, expect: 0 },
      { op: 'put', kind: 'status', value: freshStatus(value) },
    ]),
    ...resumed.flatMap(({ changes }) => changes),
  ];
  const byId = new Map(networks.all.map((network) => [network.id, network]));
  const warnings = [
    ...networks.warnings,
    ...adopted.map(({ name }) => notMadeHere(name, project.name)),
    ...fresh.flatMap((each) => unpublished(each, byId)),
  ];
  const orphans = existing.filter((each) => !leaving.includes(each) && !known.has(each.service ?? ''));
  return { changes, containers: [...fresh, ...resumed.map(({ container }) => container)], orphans, warnings };
}

function notMadeHere(volume: string, project: string): string {
  return (
    `volume ${volume} exists, but was not made by project ${project}: it is used as it is, and down --volumes removes it; ` +
    `declare it as external to keep it`
  );
}

function grant(
  drafts: ServiceDraft[],
  facts: GrantFacts,
  context: {
    matches: Map<ServiceDraft, Container | undefined>;
    /** whose namespaces may be shared */
    staying: Container[];
    leaving: Container[];
    request: UpRequest;
    facts: TransitionFacts;
  },
): Container[] {
  const made: Container[] = [];
  for (const { draft, endpoints, ports } of grantContainers(
    drafts,
    facts,
    (each) => context.matches.get(each)?.ports,
  )) {
    const { attachments: _attachments, sharing, ...rest } = draft;
    const container = {
      ...shared(rest, sharing, [...context.staying, ...made]),
      endpoints,
      ports,
      files: rest.files.map((file) => ({ ...file, content: context.facts.seal(file.content) })),
    };
    made.push(withVolumesOf(before(draft, context.leaving), container, context));
  }
  return made;
}

/** In whose place it comes. */
function before(draft: ServiceDraft, leaving: readonly Container[]): Container | undefined {
  return leaving.find((each) => each.service === draft.service && each.number === draft.number);
}

function withVolumesOf(
  predecessor: Container | undefined,
  container: Container,
  { request, facts }: { request: UpRequest; facts: TransitionFacts },
): Container {
  if (!predecessor || request.renewAnonVolumes) return container;
  const { volumes } = facts.image(container.spec.Image) ?? {};
  return inheriting(container, { container: predecessor, seen: facts.observed(predecessor.id) }, volumes);
}

/** A container that stays: it is to run again, and what may change without a new container follows the file. */
function resume(
  draft: ServiceDraft,
  value: Container,
  facts: GrantFacts,
  ending: Pick<Container, 'endRun'>,
): { container: Container; changes: Change[] } {
  const { restart, dependsOn, stopGraceSeconds, pullPolicy } = draft;
  const status = facts.view.get('status', value.id)?.value;
  const granted = isActive(value, status) ? value : regrant(value, facts);
  const { stopWithinSeconds: _past, stopSignal: _sent, ...rest } = granted;
  const next: Container = {
    ...rest,
    restart,
    dependsOn,
    stopGraceSeconds,
    pullPolicy,
    ...ending,
    target: 'running',
  };
  const changes: Change[] = [
    ...(digestOf(next) === digestOf(value) ? [] : [{ op: 'put', kind: 'container', value: next } as Change]),
    ...(status?.finished || status?.error || value.target !== 'running'
      ? [{ op: 'put', kind: 'status', value: { ...freshStatus(next), endedAt: status?.endedAt } } as Change]
      : []),
  ];
  return { container: next, changes };
}

function projectRow(project: Project, request: UpRequest, { view, surroundings }: TransitionFacts) {
  return {
    name: project.name,
    workingDir: request.workingDir,
    configFiles: request.configFiles,
    model: request.model,
    createdAt: view.get('project', project.name)?.value.createdAt ?? surroundings.now,
    target: 'present' as const,
  };
}
