import { cleanPath as clean, type Container, type EngineSpec, type ObservedContainer } from '#lib/domain';
import { mountedVolumes } from '#lib/planner';
import { isAnonymous } from '../../volumes/volume-json.js';

export interface Predecessor {
  container: Container;
  /** undefined: the engine does not have it (yet, or any more) */
  seen: ObservedContainer | undefined;
}

/**
 * Docker Compose's rule: a container that takes the place of another one has that one's anonymous volumes, where it would
 * get new ones. They are mounted by name, and noted as its own, so that the row alone says what it has. Pure.
 * @param imageVolumes paths at which its image asks for volumes; undefined: the image is not here, and may ask for any
 */
export function inheriting<C extends Pick<Container, 'spec'>>(
  container: C,
  { container: before, seen }: Predecessor,
  imageVolumes: readonly string[] | undefined,
): C & Pick<Container, 'ownVolumes'> {
  const anonymous = anonymousVolumes(before, seen);
  const { unnamed, taken } = targetsOf(container.spec);
  const asked = new Set([...unnamed, ...(imageVolumes ?? anonymous.keys())].map(clean));
  const inherited = [...anonymous].filter(([target]) => asked.has(target) && !taken.has(target));
  if (inherited.length === 0) return container;
  const targets = new Set(inherited.map(([target]) => target));
  const others = bindsOf(container.spec).filter((bind) => bind.includes(':') || !targets.has(clean(bind)));
  const Binds = [...others, ...inherited.map(([target, name]) => `${name}:${target}`)];
  return {
    ...container,
    spec: { ...container.spec, HostConfig: { ...container.spec.HostConfig, Binds } },
    ownVolumes: inherited.map(([, name]) => name),
  };
}

/** Path in the container → name: those that its row says it inherited, and those that its engine made for it. */
function anonymousVolumes(before: Container, seen: ObservedContainer | undefined): Map<string, string> {
  const own = new Set(before.ownVolumes);
  const named = mountedVolumes(before);
  const made = (seen?.mounts ?? []).filter(
    ({ type, name }) => type === 'volume' && isAnonymous(name) && (own.has(name) || !named.has(name)),
  );
  const noted = bindsOf(before.spec)
    .map((bind) => bind.split(':'))
    .filter(([source = '']) => own.has(source));
  return new Map([
    ...noted.map(([source = '', target = '']): [string, string] => [clean(target), source]),
    ...made.map(({ destination, name }): [string, string] => [clean(destination), name]),
  ]);
}

/** Paths in a container: of volumes without a name, and those at which it says itself what is there. */
function targetsOf(spec: EngineSpec): { unnamed: string[]; taken: Set<string> } {
  const binds = bindsOf(spec);
  const memory = Object.keys((spec.HostConfig?.['Tmpfs'] ?? {}) as object);
  const taken = binds.flatMap((bind) => (bind.includes(':') ? [bind.split(':')[1]!] : []));
  return {
    unnamed: binds.filter((bind) => !bind.includes(':')),
    taken: new Set([...taken, ...memory].map(clean)),
  };
}

const bindsOf = ({ HostConfig }: EngineSpec): string[] => (HostConfig?.['Binds'] ?? []) as string[];
