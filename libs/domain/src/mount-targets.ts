import { posix } from 'node:path';

/** Paths in a container at which a HostConfig says itself what is there: of binds, mounts and memory. */
export function mountTargets(host: Readonly<Record<string, unknown>> = {}): Set<string> {
  const binds = ((host['Binds'] ?? []) as unknown[]).map((bind) => {
    const [source = '', target] = String(bind).split(':');
    return target ?? source;
  });
  const mounts = ((host['Mounts'] ?? []) as { Target?: string }[]).map(({ Target = '' }) => Target);
  const memory = Object.keys((host['Tmpfs'] ?? {}) as object);
  return new Set([...binds, ...mounts, ...memory].map(cleanPath));
}

/** `/data/` is `/data`. */
export function cleanPath(path: string): string {
  return posix.join('/', path).replace(/(?<=.)\/$/, '');
}
