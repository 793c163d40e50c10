import type { Network, Protocol, ServiceBackends } from '#lib/domain';

/** A port that this node answers at for a service of the cluster, and who may be chosen. */
export interface IngressPort {
  /** of those addresses, the ones that only answer this node itself */
  hidden: string[];
  protocol: Protocol;
  port: number;
  target: number;
  /** addresses of replicas on the ingress network, in the order of their turns */
  ipv4: string[];
  ipv6: string[];
}

/** Ports that lead from every node to replicas, by what this node knows of them now. In a fixed order. Pure. */
export function ingressPorts(networks: readonly Network[], services: readonly ServiceBackends[]): IngressPort[] {
  const ingress = new Set(networks.filter(({ overlay }) => overlay?.ingress).map(({ id }) => id));
  const found = services.flatMap(({ service, networkId, backends }): IngressPort[] => {
    if (!ingress.has(networkId)) return [];
    const chosen = backends.filter(({ withheld }) => withheld === '');
    return service.ports.flatMap(({ PublishMode, PublishedPort, Protocol, TargetPort }): IngressPort[] => {
      if (PublishMode === 'host' || !PublishedPort) return [];
      return [
        {
          protocol: Protocol ?? 'tcp',
          port: PublishedPort,
          target: TargetPort,
          hidden: backends
            .filter((each) => each.hidesClients)
            .flatMap(({ ipv4, ipv6 }) => [ipv4 ?? [], ipv6 ?? []].flat()),
          ipv4: chosen.flatMap(({ ipv4 }) => ipv4 ?? []),
          ipv6: chosen.flatMap(({ ipv6 }) => ipv6 ?? []),
        },
      ];
    });
  });
  return found.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

/** Elements of the map from port to the chain that chooses, and the chains: `[name, rules]`. */
export function ingressChoice(
  family: 'ipv4' | 'ipv6',
  ports: readonly IngressPort[],
): { elements: string[]; chains: [name: string, rules: string[]][] } {
  const chains = ports.map(({ protocol, port, target, ...addresses }): [string, string[]] => [
    `${family}_${protocol}_${port}`,
    turns(family, protocol, target, addresses[family]),
  ]);
  return {
    elements: ports.map(({ protocol, port }) => `${protocol} . ${port} : goto ${family}_${protocol}_${port}`),
    chains,
  };
}

/**
 * Each rule takes every n-th connection of those that reach it, where n is the number of replicas that are left, so that
 * they take turns exactly. Nobody is chosen where there is none: the node itself then answers, and it refuses.
 */
function turns(family: 'ipv4' | 'ipv6', protocol: Protocol, target: number, addresses: readonly string[]): string[] {
  return addresses.map((address, index) => {
    const left = addresses.length - index;
    const turn = left > 1 ? `numgen inc mod ${left} 0 ` : '';
    const to = family === 'ipv4' ? `ip to ${address}:${target}` : `ip6 to [${address}]:${target}`;
    return `meta l4proto ${protocol} ${turn}dnat ${to}`;
  });
}
