import { digestOf } from '#lib/common';
import type { UpRequest } from '#lib/contracts';
import { freshStatus, isActive, type Container } from '#lib/domain';
import type { Change } from '#lib/store';
import { grantContainers, refuseStraySysctls, type GrantFacts } from '../containers/grant-containers.js';
import { regrant } from '../containers/regrant.js';
import type { ServiceDraft } from './desired/drafts.js';
import { inheriting } from './desired/inherited-volumes.js';
import { restarted } from './desired/restarts.js';
import { shared } from './desired/sharing.js';
import type { Asked, Decided, TransitionFacts } from './transition-decision.js';

export interface Granted {
  fresh: Container[];
  resumed: { container: Container; changes: Change[] }[];
}

/** Addresses and ports for what is made anew; what stays keeps its own. */
export function grantAll(decided: Decided, { request, facts }: Asked): Granted {
  const { drafts, existing, bystanders, kept, leaving, gone, others } = decided;
  const matches = new Map(drafts.map((draft) => [draft, existing.find((each) => each.name === draft.name)]));
  const rows = [...others, ...gone];
  const grants: GrantFacts = {
    ...facts,
    networks: decided.networks.all,
    others: rows,
    links: facts.surroundings.links,
  };
  const fresh = grant(
    drafts.filter((draft) => !kept.has(draft)),
    grants,
    { matches, staying: [...kept.values(), ...bystanders], leaving, request, facts },
  );
  const replaced = drafts.flatMap((draft) => (kept.has(draft) || !before(draft, leaving) ? [] : [draft.service ?? '']));
  const again = restarted(kept, replaced);
  const resumed = new Map<Container, Granted['resumed'][number]>();
  // What one asks for is not chosen for another one.
  for (const [draft, value] of [...kept].sort(([, a], [, b]) => Number(asks(b)) - Number(asks(a)))) {
    const run = again.has(draft) ? facts.observed(value.id) : undefined;
    const isUp = run?.state === 'running' || run?.state === 'paused';
    const coming = [...fresh, ...Array.from(resumed.values(), ({ container }) => container)];
    const now = withRows(grants, coming);
    resumed.set(value, resume(draft, value, now, isUp ? { endRun: run.startedAt } : {}));
  }
  return { fresh, resumed: [...kept.values()].map((value) => resumed.get(value)!) };
}

const asks = ({ endpoints }: Container) => endpoints.some(({ asked }) => asked?.ipv4 ?? asked?.ipv6);

/** As it is once these begin to run. */
function withRows(facts: GrantFacts, coming: readonly Container[]): GrantFacts {
  const ids = new Set(coming.map(({ id }) => id));
  return { ...facts, others: [...facts.others.filter(({ id }) => !ids.has(id)), ...coming], coming: ids };
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
  for (const { draft, endpoints, ports } of grantContainers(drafts, facts, (each) => ({
    ports: context.matches.get(each)?.ports,
    endpoints: before(each, context.leaving)?.endpoints,
  }))) {
    const { attachments: _attachments, sharing, ...rest } = draft;
    const container = {
      ...shared(rest, sharing, [...context.staying, ...made]),
      endpoints,
      ports,
      files: rest.files.map((file) => ({ ...file, content: context.facts.seal(file.content) })),
    };
    refuseStraySysctls(container);
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
