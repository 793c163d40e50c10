import type { Container, PublishedPort } from '#lib/domain';

/** One line of `Ports` in a listing. */
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

export type PortMap = Record<string, { HostIp: string; HostPort: string }[] | null>;

/** What a running container publishes and exposes, as a listing has it. */
export function portList(container: Container): PortSummary[] {
  return Object.entries(portMap(container))
    .flatMap(([key, places]): PortSummary[] => {
      const [port = '', Type = 'tcp'] = key.split('/');
      const PrivatePort = Number(port);
      if (!places) return [{ PrivatePort, Type }];
      return places.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
    })
    .sort((a, b) => a.PrivatePort - b.PrivatePort || (a.Type < b.Type ? -1 : 1));
}

/** NetworkSettings.Ports of a running container: `80/tcp` → where it is published; null where it is only exposed. */
export function portMap(container: Container): PortMap {
  const map: PortMap = Object.fromEntries(Object.keys(container.spec.ExposedPorts ?? {}).map((key) => [key, null]));
  for (const port of container.ports) {
    const places = hostAddresses(container, port).map((HostIp) => ({ HostIp, HostPort: String(port.hostPort) }));
    const key = `${port.containerPort}/${port.protocol}`;
    map[key] = [...(map[key] ?? []), ...places];
  }
  return map;
}

/** Every address of the node: of IPv6 only where the container has such an address, since nothing translates. */
function hostAddresses({ endpoints }: Container, { hostIp }: PublishedPort): string[] {
  if (hostIp !== '') return [hostIp];
  const has = (family: 'ipv4' | 'ipv6') => endpoints.some((endpoint) => endpoint[family] !== undefined);
  return [...(has('ipv4') ? ['0.0.0.0'] : []), ...(has('ipv6') ? ['::'] : [])];
}
