import { notFound } from '#lib/common';
import type { DownRequest, StopRequest } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { mountedVolumes } from '#lib/planner';
import type { Change, Store } from '#lib/store';
import { stopWishes } from '../containers/stop-options.js';
import { PROJECT_LABEL } from './desired/labels.js';

/** Containers of the project that stay: their services are not among those that are taken down. */
export function orphansOf(view: Pick<Store, 'list'>, project: string, { services }: DownRequest): Container[] {
  if (services === undefined) return [];
  return view
    .list('container')
    .filter((each) => each.project === project && each.target !== 'removed' && !services.includes(each.service ?? ''));
}

/**
 * Everything of the project goes: containers, the networks it made, with `volumes` its volumes and those that nobody named,
 * and its row. What orphans use stays with them. Pure.
 * @param made names of the volumes that the engine has: others never came to be, and are not asked for any more;
 * undefined: nobody knows
 */
export function downChanges(
  view: Pick<Store, 'list'>,
  project: string,
  request: DownRequest,
  made: ReadonlySet<string> | undefined,
): Change[] {
  const orphans = orphansOf(view, project, request);
  const containers = view.list('container').filter((each) => each.project === project && !orphans.includes(each));
  const leaving = new Set(containers.map((each) => each.id));
  const networks = view
    .list('network')
    .filter((network) => network.labels[PROJECT_LABEL] === project && network.target === 'present');
  // A network on which somebody else's container sits stays.
  const free = networks.filter(
    (network) =>
      !view
        .list('container')
        .some((each) => !leaving.has(each.id) && each.endpoints.some((at) => at.networkId === network.id)),
  );
  const held = new Set(orphans.flatMap((each) => [...mountedVolumes(each)]));
  const volumes = view.list('volume').filter((volume) => volume.project === project && !held.has(volume.name));
  const known = view.list('project').some((each) => each.name === project);
  return [
    ...containers.map((each): Change => {
      const value: Container = {
        ...each,
        target: 'removed',
        ...stopWishes(request),
        keepVolumes: keepsVolumes(each, request),
      };
      return { op: 'put', kind: 'container', value };
    }),
    ...free.map((each): Change => ({ op: 'put', kind: 'network', value: { ...each, target: 'removed' } })),
    ...volumes.flatMap((each): Change[] => {
      if (request.volumes) return [{ op: 'put', kind: 'volume', value: { ...each, target: 'removed' } }];
      return made && !made.has(each.name) ? [{ op: 'delete', kind: 'volume', id: each.name }] : [];
    }),
    ...(known && orphans.length === 0 ? [{ op: 'delete', kind: 'project', id: project } as Change] : []),
  ];
}

/** Of one that is on its way already, whoever sent it there has decided. */
function keepsVolumes(container: Container, { volumes }: DownRequest): boolean {
  if (volumes) return false;
  return container.target === 'removed' ? container.keepVolumes === true : true;
}

export function stopChanges(view: Pick<Store, 'list'>, project: string, request: StopRequest): Change[] {
  const containers = view.list('container').filter((each) => each.project === project && each.target !== 'removed');
  if (containers.length === 0) throw notFound(`no such project: ${project}`);
  const chosen = containers.filter(
    (each) => request.services.length === 0 || request.services.includes(each.service ?? ''),
  );
  return chosen.map((each): Change => {
    return { op: 'put', kind: 'container', value: { ...each, target: 'stopped', ...stopWishes(request) } };
  });
}
