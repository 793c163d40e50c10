import { newClusterId } from '#lib/common';
import type { Service, Task } from '#lib/domain';
import { taskDigest } from './task-digest.js';
import { taskTraffic } from './task-traffic.js';

export interface Place {
  slot: number;
  nodeId?: string;
  /** it may be prepared, and is to be started then: milliseconds since the epoch */
  notBefore?: number;
  /** it may be prepared, and is to be started when what ran in its place before has ended (`starting.ts`) */
  held?: boolean;
}

/** One more try to run one replica of the service. */
export function newTask(service: Service, place: Place, now: number): Task {
  const at = new Date(now).toISOString();
  const labels = service.spec.Labels ?? {};
  const waits = place.held === true || (place.notBefore !== undefined && place.notBefore > now);
  return {
    id: newClusterId(),
    createdAt: at,
    updatedAt: at,
    serviceId: service.id,
    serviceName: service.spec.Name,
    ...(Object.keys(labels).length > 0 && { serviceLabels: labels }),
    slot: place.slot,
    ...(place.nodeId !== undefined && { nodeId: place.nodeId }),
    spec: service.spec.TaskTemplate,
    specVersion: service.specVersion,
    specDigest: taskDigest(service.spec),
    desired: waits ? 'ready' : isJob(service) ? 'complete' : 'running',
    status: { state: 'new', at, message: 'created' },
    attachments: [],
    ports: service.ports,
    ...(service.registryAuth !== undefined && { registryAuth: service.registryAuth }),
    traffic: taskTraffic(service.spec),
    ...(waits && place.notBefore !== undefined && { notBefore: place.notBefore }),
    ...(service.jobIteration !== undefined && { jobIteration: service.jobIteration }),
  };
}

export function isJob({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.Mode?.ReplicatedJob !== undefined || spec.Mode?.GlobalJob !== undefined;
}
