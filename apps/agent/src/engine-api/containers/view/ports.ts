import type { Container, Network } from '#lib/domain';
import { hostAddresses } from '#lib/drivers';

/** One line of `Ports` in a listing. */
export interface PortSummary {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

type NetworkOf = (id: string) => Network | undefined;

export type PortMap = Record<string, { HostIp: string; HostPort: string }[] | null>;

/** What a running container publishes and exposes, as a listing has it. */
export function portList(container: Container, networkOf: NetworkOf): PortSummary[] {
  return Object.entries(portMap(container, networkOf))
    .flatMap(([key, places]): PortSummary[] => {
      const [port = '', Type = 'tcp'] = key.split('/');
      const PrivatePort = Number(port);
      if (!places) return [{ PrivatePort, Type }];
      return places.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
    })
    .sort((a, b) => a.PrivatePort - b.PrivatePort || (a.Type < b.Type ? -1 : 1));
}

/** NetworkSettings.Ports of a running container: `80/tcp` → where it is published; null where it is only exposed. */
export function portMap(container: Container, networkOf: NetworkOf): PortMap {
  const map: PortMap = Object.fromEntries(Object.keys(container.spec.ExposedPorts ?? {}).map((key) => [key, null]));
  for (const port of container.ports) {
    const addresses = hostAddresses(container, port, networkOf);
    const places = addresses.map((HostIp) => ({ HostIp, HostPort: String(port.hostPort) }));
    const key = `${port.containerPort}/${port.protocol}`;
    map[key] = places.length > 0 ? [...(map[key] ?? []), ...places] : (map[key] ?? null);
  }
  return map;
}
