import type { Container } from './container.js';

/** Id of the other container in whose network namespace this one is; undefined where it is in none's. */
export function sharedContainer({ networkMode }: Pick<Container, 'networkMode'>): string | undefined {
  return networkMode.startsWith('container:') ? networkMode.slice('container:'.length) : undefined;
}

/** Ids or names of the other containers in whose namespaces this one is, each once; its engine has to know them before. */
export function sharedContainers(container: Pick<Container, 'networkMode' | 'spec'>): string[] {
  const { PidMode, IpcMode } = container.spec.HostConfig ?? {};
  const modes = [container.networkMode, PidMode, IpcMode];
  const named = modes.flatMap((mode) => (typeof mode === 'string' ? (/^container:(.+)$/.exec(mode)?.[1] ?? []) : []));
  return [...new Set(named)];
}

/** Ids or names of the other containers whose volumes this one has. */
export function volumeContainers({ spec }: Pick<Container, 'spec'>): string[] {
  const asked = (spec.HostConfig?.['VolumesFrom'] ?? []) as string[];
  return asked.map((entry) => entry.split(':')[0]!);
}

/**
 * The container that another one names: by its id, else by its name, else by how its id begins, and rather one that stays.
 * @param by the other one's id: who it meant may be gone, and it may have that name by now
 */
export function namedBy<T extends Pick<Container, 'id' | 'name' | 'target'>>(
  by: string,
  idOrName: string,
  all: readonly T[],
): T | undefined {
  if (idOrName === '') return undefined;
  const others = all.filter(({ id }) => id !== by);
  const ways: ((each: T) => boolean)[] = [
    ({ id }) => id === idOrName,
    ({ name }) => name === idOrName,
    ({ id }) => id.startsWith(idOrName),
  ];
  for (const is of ways) {
    const found = others.find((each) => each.target !== 'removed' && is(each)) ?? others.find(is);
    if (found) return found;
  }
  return undefined;
}
