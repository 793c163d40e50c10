import type { ContainerView } from '#lib/contracts';
import { shortId } from '#lib/common';
import { table } from './table.js';
import { ago } from './time.js';
import { fit, oneLine } from './width.js';

/** `--format json` has all of it */
const ERROR_CELLS = 60;

type Port = ContainerView['ports'][number];

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`, in the order of the ports */
function portsText(ports: readonly Port[]): string {
  return [...ports]
    .sort((a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort)
    .map(({ hostIp, hostPort, containerPort, protocol }) => {
      const host = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
      return `${host}:${hostPort}->${containerPort}/${protocol}`;
    })
    .join(', ');
}

export function containerTable(containers: readonly ContainerView[], now: number): string {
  const heading = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'];
  const rows = containers.map((c) => [
    c.name,
    c.image,
    JSON.stringify(fit(c.command, 20)),
    c.service,
    ago(c.createdAt, now),
    c.error ? `${c.status}: ${fit(oneLine(c.error), ERROR_CELLS)}` : c.status,
    portsText(c.ports),
  ]);
  return table(heading, rows);
}

/** The keys that `docker compose ps --format json` has, one object a line, with the networks in full. */
export function containerJson(container: ContainerView): string {
  const { health, ports, networks } = container;
  return JSON.stringify({
    ID: shortId(container.id),
    Name: container.name,
    Image: container.image,
    Command: container.command,
    Project: container.project,
    Service: container.service,
    CreatedAt: container.createdAt,
    State: container.state,
    Status: container.status,
    Health: health === 'none' ? '' : health,
    ExitCode: container.exitCode,
    Restarts: container.restartCount,
    Publishers: ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
      URL: hostIp,
      TargetPort: containerPort,
      PublishedPort: hostPort,
      Protocol: protocol,
    })),
    Ports: portsText(ports),
    Networks: networks,
    ...(container.error && { Error: container.error }),
  });
}
