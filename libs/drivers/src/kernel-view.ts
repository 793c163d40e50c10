import type { ObservedLink, ObservedRoute } from '#lib/domain';
import type { DriverContext, Inside, KernelView } from './driver.js';

/** The kernel at this moment; each part is read when it is first asked for, and once. */
export function kernelView({ host, names, dhcp }: DriverContext): KernelView {
  const inside = new Map<string, Inside | undefined>();
  let routes: readonly ObservedRoute[] | undefined;
  return {
    names,
    dhcp,
    links: byName(host.links()),
    routes: () => (routes ??= host.routes()),
    inside: (containerId) => {
      if (!inside.has(containerId)) inside.set(containerId, read(names.netns(containerId)));
      return inside.get(containerId);
    },
  };

  /** What cannot be read is complete for nobody; whoever mends it is told why. One container's namespace stops no comparison. */
  function read(netns: string): Inside | undefined {
    try {
      const { links, routes } = host.inside(netns);
      return { links: byName(links), routes };
    } catch {
      return undefined;
    }
  }
}

function byName(links: readonly ObservedLink[]): ReadonlyMap<string, ObservedLink> {
  return new Map(links.map((link) => [link.name, link]));
}
