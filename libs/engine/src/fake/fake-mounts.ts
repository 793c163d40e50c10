import { newId } from '#lib/common';
import type { EngineSpec, ObservedMount } from '#lib/domain';

/** The volumes of a container, as engines mount them: named ones, and new ones where nobody gives a name. */
export function volumeMounts({ HostConfig }: EngineSpec, imageVolumes: readonly string[]): ObservedMount[] {
  const binds = ((HostConfig?.['Binds'] ?? []) as string[]).map((bind) => bind.split(':'));
  const named = binds.flatMap(([source = '', target]) =>
    target === undefined || source.startsWith('/') ? [] : [mountOf(source, target)],
  );
  const taken = new Set(binds.map(([source, target]) => target ?? source));
  const unnamed = binds.flatMap(([source = '', target]) => (target === undefined ? [source] : []));
  const more = imageVolumes.filter((target) => !taken.has(target));
  return [...named, ...[...unnamed, ...more].map((target) => mountOf(newId(), target))];
}

function mountOf(name: string, destination: string): ObservedMount {
  const source = `/volumes/${name}`;
  return { type: 'volume', name, source, destination, driver: 'local', mode: '', readWrite: true, propagation: '' };
}
