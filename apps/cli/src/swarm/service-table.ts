import type { PortConfig } from '#lib/domain';
import { table } from '../output/table.js';
import type { ShownService } from './swarm-api.js';
import { wantedTasks } from './wanted-tasks.js';

const ID_LENGTH = 12;

/** As `docker service ls` shows them. */
export function serviceTable(services: readonly ShownService[]): string {
  const rows = services.map((service) => [
    service.ID.slice(0, ID_LENGTH),
    service.Spec.Name,
    modeOf(service),
    replicasText(service),
    imageText(service.Spec.TaskTemplate.ContainerSpec?.Image ?? ''),
    portsText(service.Endpoint?.Ports ?? []),
  ]);
  return table(
    ['ID', 'NAME', 'MODE', 'REPLICAS', 'IMAGE', 'PORTS'],
    rows.sort((a, b) => (a[1]! < b[1]! ? -1 : 1)),
  );
}

function modeOf({ Spec: { Mode: mode } }: ShownService): string {
  if (mode?.Global) return 'global';
  if (mode?.ReplicatedJob) return 'replicated job';
  return mode?.GlobalJob ? 'global job' : 'replicated';
}

function replicasText(service: ShownService): string {
  const { ServiceStatus: status, Spec } = service;
  const { RunningTasks = 0, DesiredTasks = 0, CompletedTasks = 0 } = status ?? {};
  const text = `${RunningTasks}/${DesiredTasks}`;
  if (Spec.Mode?.ReplicatedJob ?? Spec.Mode?.GlobalJob) {
    return `${text} (${CompletedTasks}/${wantedTasks(service)} completed)`;
  }
  const most = Spec.TaskTemplate.Placement?.MaxReplicas;
  return most ? `${text} (max ${most} per node)` : text;
}

/** Without the digest that it was resolved to, unless that is all there is. */
export function imageText(image: string): string {
  const [name = '', digest] = image.split('@');
  return digest !== undefined && !/:[^/]+$/.test(name) ? `${name}@${digest.slice(0, 19)}` : name;
}

/** `*:8080->80/tcp` */
function portsText(ports: readonly PortConfig[]): string {
  return ports
    .filter(({ PublishedPort, PublishMode }) => PublishedPort && (PublishMode ?? 'ingress') === 'ingress')
    .map(({ PublishedPort, TargetPort, Protocol = 'tcp' }) => `*:${PublishedPort}->${TargetPort}/${Protocol}`)
    .join(', ');
}
