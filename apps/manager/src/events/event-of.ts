import { isDeepStrictEqual } from 'node:util';
import type { ClusterEvent } from '#lib/contracts';
import type { ClusterKinds } from '#lib/store';

export type ToldKind = ClusterEvent['type'];
type Told = Pick<ClusterKinds, ToldKind>;
/** What an update tells of, before and after. */
type Changes = Record<string, readonly [before: string | undefined, after: string | undefined]>;

const NAMES: { [K in ToldKind]: (object: Told[K]) => string } = {
  service: ({ spec }) => spec.Name,
  node: ({ spec, description }) => spec.Name || (description?.hostname ?? ''),
  secret: ({ spec }) => spec.Name,
  config: ({ spec }) => spec.Name,
  network: ({ name }) => name,
};

const CHANGES: { [K in ToldKind]?: (before: Told[K], after: Told[K]) => Changes } = {
  service: (before, after) => ({
    image: [imageOf(before), imageOf(after)],
    replicas: [replicasOf(before), replicasOf(after)],
    updatestate: [before.updateStatus?.state, after.updateStatus?.state],
  }),
  node: (before, after) => ({
    availability: [before.spec.Availability, after.spec.Availability],
    state: [before.status.state, after.status.state],
  }),
};

/** Fields of the manager's own books: what changes nothing else is no event. */
const OWN: { [K in ToldKind]?: readonly (keyof Told[K])[] } = {
  node: ['certificate', 'issuer', 'nextCertificate', 'updatedAt'],
  network: ['virtual', 'updatedAt'],
};

/** What a commit did to an object, as Docker tells it; undefined: nothing that anybody is told of. Pure. */
export function eventOf<K extends ToldKind>(
  kind: K,
  before: Told[K] | undefined,
  after: Told[K] | undefined,
): ClusterEvent | undefined {
  const object = after ?? before;
  if (!object) return undefined;
  const event = (action: ClusterEvent['action'], more: Record<string, string> = {}): ClusterEvent => {
    return { type: kind, action, actor: { id: object.id, attributes: { name: NAMES[kind](object), ...more } } };
  };
  if (!before) return event('create');
  if (!after) return event('remove');
  const own = OWN[kind];
  if (own && isDeepStrictEqual(without(before, own), without(after, own))) return undefined;
  return event('update', attributesOf(CHANGES[kind]?.(before, after) ?? {}));
}

function attributesOf(changes: Changes): Record<string, string> {
  const entries = Object.entries(changes).flatMap(([what, [before, after]]) => {
    if (after === undefined || before === after) return [];
    return [...(before === undefined ? [] : [[`${what}.old`, before]]), [`${what}.new`, after]];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function without<T extends object>(object: T, keys: readonly (keyof T)[]) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key as keyof T)));
}

function imageOf({ spec }: Told['service']): string | undefined {
  return spec.TaskTemplate.ContainerSpec?.Image;
}

/** Of a replicated service. */
function replicasOf({ spec: { Mode: mode } }: Told['service']): string | undefined {
  return mode?.Replicated && String(mode.Replicated.Replicas ?? 1);
}
