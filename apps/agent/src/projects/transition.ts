import type { Project } from '#lib/compose';
import type { UpRequest } from '#lib/contracts';
import { freshStatus, type Container } from '#lib/domain';
import { unpublished } from '#lib/drivers';
import type { Change } from '#lib/store';
import { stopWishes } from '../containers/stop-options.js';
import { decide, type Asked, type Decided, type TransitionFacts } from './transition-decision.js';
import { grantAll, type Granted } from './transition-grants.js';

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
  const asked = { project, request, facts };
  const decided = decide(asked);
  const granted = grantAll(decided, asked);
  return {
    changes: toChanges(decided, granted, asked),
    containers: [...granted.fresh, ...granted.resumed.map(({ container }) => container)],
    orphans: decided.orphans,
    warnings: warningsOf(decided, granted, asked),
  };
}

function toChanges({ networks, volumes, leaving }: Decided, granted: Granted, asked: Asked): Change[] {
  const { project, request, facts } = asked;
  return [
    { op: 'put', kind: 'project', value: projectRow(project, request, facts) },
    ...networks.replaced.map(({ network }): Change => ({
      op: 'put',
      kind: 'network',
      value: { ...network, target: 'removed' },
    })),
    ...networks.rewritten.map((value): Change => ({ op: 'put', kind: 'network', value })),
    ...networks.made.map((value): Change => ({ op: 'put', kind: 'network', value, expect: 0 })),
    ...volumes.owned
      .filter((volume) => facts.view.get('volume', volume.name)?.value.target !== 'present')
      .map((value): Change => ({ op: 'put', kind: 'volume', value })),
    ...leaving.map((each): Change => {
      // What a container has written is given up by `down --volumes` alone.
      const value: Container = { ...each, target: 'removed', ...stopWishes(request), keepVolumes: true };
      return { op: 'put', kind: 'container', value };
    }),
    ...granted.fresh.flatMap((value): Change[] => [
      { op: 'put', kind: 'container', value, expect: 0 },
      { op: 'put', kind: 'status', value: freshStatus(value) },
    ]),
    ...granted.resumed.flatMap(({ changes }) => changes),
  ];
}

function warningsOf({ networks, volumes }: Decided, { fresh }: Granted, { project, facts }: Asked): string[] {
  const adopted = volumes.owned.filter(({ name }) => facts.volumes.has(name) && !facts.view.get('volume', name));
  const byId = new Map(networks.all.map((network) => [network.id, network]));
  return [
    ...networks.warnings,
    ...adopted.map(({ name }) => notMadeHere(name, project.name)),
    ...fresh.flatMap((each) => unpublished(each, byId)),
  ];
}

function notMadeHere(volume: string, project: string): string {
  return (
    `volume ${volume} exists, but was not made by project ${project}: it is used as it is, and down --volumes removes it; ` +
    `declare it as external to keep it`
  );
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
