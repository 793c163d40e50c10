import type { Container } from './container.js';

/** What a container asks of its network namespace. */
export interface NetworkSysctl {
  /** below /proc/sys */
  path: string;
  value: string;
  /** the link inside that it is about; undefined: all that is in the namespace */
  link?: string;
}

/** What these names stand for is there as soon as the namespace is. */
const OF_THE_NAMESPACE = new Set(['all', 'default', 'lo']);

/** Sysctls of the network namespace are ours to set, because the namespace is; the engine gets the others. */
export function isNetworkSysctl(key: string): boolean {
  return key.startsWith('net.');
}

export function networkSysctls({ spec }: Pick<Container, 'spec'>): NetworkSysctl[] {
  const all = (spec.HostConfig?.['Sysctls'] ?? {}) as Record<string, string>;
  return Object.entries(all)
    .filter(([key]) => isNetworkSysctl(key))
    .map(([key, value]) => {
      const [, family, kind, link = '', name] = /^net\.([^.]+)\.(conf|neigh)\.(.+)\.([^.]+)$/.exec(key) ?? [];
      if (link === '' || OF_THE_NAMESPACE.has(link)) return { path: key.replaceAll('.', '/'), value };
      return { path: `net/${family}/${kind}/${link}/${name}`, value, link };
    });
}

/** Why a container cannot run as it is: a sysctl is of a link that it does not have. Undefined: there is none. */
export function straySysctl(container: Pick<Container, 'spec' | 'networkMode' | 'endpoints'>): string | undefined {
  if (container.networkMode !== 'bridged') return undefined;
  const names = container.endpoints.map(({ ifName }) => ifName);
  const stray = networkSysctls(container).find(({ link }) => link !== undefined && !names.includes(link));
  const has = names.length > 0 ? `its interfaces are ${names.join(', ')}` : 'it has none';
  return stray && `sysctl ${stray.path} = ${stray.value}: the container has no interface ${stray.link}; ${has}`;
}
