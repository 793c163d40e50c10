import type { Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';

/** Things that carry this node's marks and that no row of desired state accounts for. Nothing else is ever touched. */
export function planStrays({ names, containers, networks }: Desired, observed: Observed): Step[] {
  const links = new Set(networks.map((network) => network.linkName));
  if (networks.some(({ overlay }) => overlay?.encryption)) links.add(names.tunnel);
  const netns = new Set<string>();
  const ids = new Set<string>();
  for (const container of containers) {
    ids.add(container.id);
    netns.add(names.netns(container.id));
    for (const endpoint of [...container.endpoints, ...(container.leaving ?? [])])
      links.add(names.veth(container.id, endpoint.networkId));
  }
  const stray = [...observed.containers.values()].filter((each) => !ids.has(each.id));
  const owner = new Map(stray.map((each) => [names.netns(each.id), each.engineId]));
  const discarded = stray.map((each) => stepId('container.discard', each.engineId));
  return [
    ...stray.map((each) => step({ kind: 'container.discard', observed: each })),
    ...[...observed.netns]
      .filter((each) => !netns.has(each))
      .map((each) => {
        const holder = owner.get(each);
        return step({ kind: 'netns.discard', netns: each }, holder ? [stepId('container.discard', holder)] : []);
      }),
    ...observed.links
      .filter((each) => !links.has(each) && !networks.some(({ id }) => names.isOfNetwork(each, id)))
      .map((each) => step({ kind: 'link.discard', link: each }, discarded)),
  ];
}
