import { messageOf } from '#lib/common';
import { overlayMac, type Container, type Task } from '#lib/domain';
import { endpointOptions } from '../containers/endpoint-options.js';

type Exists = (path: string) => boolean;
type Endpoint = Container['endpoints'][number];
type Options = ReturnType<typeof endpointOptions>;

/** Options by which a service asks the cluster for something; the link has nothing to do with them. */
const OF_THE_CLUSTER = 'skep.';

/**
 * A task's links, in the order of its networks: those of the cluster, then the node's own. A link that is not given a name
 * is `ethN`. Pure.
 * @param ingress id of the ingress network
 * @param exists does a container's namespace have this file?
 */
export function linksOf(task: Task, own: readonly Endpoint[], ingress: string | undefined, exists: Exists): Endpoint[] {
  // One of which something is wrong is not started (`wrongLinks`).
  const options = wrongLinks(task, exists) === undefined ? optionsOf(task, exists) : [];
  const attached = task.attachments.map((at, index) => ({
    networkId: at.networkId,
    ipv4: at.ipv4,
    ipv6: at.ipv6,
    mac: overlayMac(at, task.id),
    aliases: at.aliases,
    links: {},
    // Answers to the outside leave by it.
    gwPriority: at.networkId === ingress ? 1 : 0,
    priority: 0,
    ...options[index],
  }));
  const named = attached.flatMap(({ ifName }) => ifName ?? []);
  const free = freeNames(named);
  return [
    ...attached.map((each) => ({ ...each, ifName: each.ifName ?? free.next().value })),
    ...own.map((each) => ({ ...each, ifName: free.next().value })),
  ];
}

/** Why a task cannot have its links as its service asks for them; undefined: nothing is against them. Pure. */
export function wrongLinks(task: Task, exists: Exists): string | undefined {
  try {
    const named = optionsOf(task, exists).flatMap(({ ifName }) => ifName ?? []);
    const twice = named.find((name, index) => named.indexOf(name) < index);
    return twice && `two networks of the service ask for an interface ${twice}`;
  } catch (error) {
    return messageOf(error);
  }
}

function optionsOf({ attachments, spec }: Task, exists: Exists): Options[] {
  return attachments.map(({ networkId }) => {
    const asked = spec.Networks?.find(({ Target }) => Target === networkId)?.DriverOpts ?? {};
    const ofLink = Object.entries(asked).filter(([name]) => !name.startsWith(OF_THE_CLUSTER));
    return endpointOptions(Object.fromEntries(ofLink), exists);
  });
}

function* freeNames(taken: readonly string[]): Generator<string, never> {
  for (let number = 0; ; number++) if (!taken.includes(`eth${number}`)) yield `eth${number}`;
}
