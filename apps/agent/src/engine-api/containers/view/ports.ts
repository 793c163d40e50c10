import type { Container } from '#lib/domain';
import { hostAddresses } from '../../../containers/published-ports.js';

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
