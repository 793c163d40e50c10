import type { Container } from './container.js';

/** May processes of the container change its own network namespace? */
export function administersNetwork({ spec }: Pick<Container, 'spec'>): boolean {
  const host = spec.HostConfig ?? {};
  if (host['Privileged'] === true) return true;
  const [added, dropped] = [named(host['CapAdd']), named(host['CapDrop'])];
  return added.has('NET_ADMIN') || (added.has('ALL') && !dropped.has('NET_ADMIN'));
}

/** Written with or without CAP_, in letters of any case. */
function named(list: unknown): ReadonlySet<string> {
  const names = Array.isArray(list) ? list : [];
  return new Set(names.map((each) => String(each).toUpperCase().replace(/^CAP_/, '')));
}
