import type { Host } from '#lib/host';

/** Another node: the same kernel, seen from a namespace below /run/netns. Its rules are out of reach. */
export function hostIn(netns: string, host: Host): Host {
  const own: Partial<Host> = {
    ip: (lines, within = netns) => host.ip(lines, within),
    links: (within = netns) => host.links(within),
    routes: (within = netns) => host.routes(within),
    sysctl: (path, value, options = {}) => host.sysctl(path, value, { ...options, netns: options.netns ?? netns }),
    readSysctl: (path, within = netns) => host.readSysctl(path, within),
    nft: () => {
      throw new Error(`rules are not written in ${netns}`);
    },
  };
  return Object.assign(Object.create(host) as Host, own);
}
