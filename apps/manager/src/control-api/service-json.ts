import { isBefore, type Service, type Task, type TaskAttachment, type VirtualAddress } from '#lib/domain';
import type { ClusterView } from '#lib/store';
import { isIngress } from '../ingress/ingress.js';
import type { Found } from './lookup.js';

/** GET /services/:id (Docker Engine API 1.51). */
export function serviceJson({ value: service, version }: Found<'service'>, view: ClusterView) {
  const { updateStatus: update } = service;
  return {
    ID: service.id,
    Version: { Index: version },
    CreatedAt: service.createdAt,
    UpdatedAt: service.updatedAt,
    Spec: service.spec,
    ...(service.previousSpec && { PreviousSpec: service.previousSpec }),
    Endpoint: {
      Spec: service.spec.EndpointSpec ?? {},
      ...(service.ports.length > 0 && { Ports: service.ports }),
      VirtualIPs: Object.entries(service.virtualAddresses).flatMap(([NetworkID, at]) =>
        cidrsOf(at, NetworkID, view).map((Addr) => ({ NetworkID, Addr })),
      ),
    },
    ...(update && {
      UpdateStatus: {
        State: update.state,
        StartedAt: update.startedAt,
        ...(update.completedAt && { CompletedAt: update.completedAt }),
        Message: update.message,
      },
    }),
    ...(service.jobIteration !== undefined && { JobStatus: { JobIteration: { Index: service.jobIteration } } }),
  };
}

/** How many of its tasks run, of how many. */
export function serviceStatus(service: Service, view: ClusterView) {
  const tasks = view.list('task').filter((task) => task.serviceId === service.id);
  const running = tasks.filter((task) => task.status.state === 'running' && isBefore(task.desired, 'shutdown'));
  const mode = service.spec.Mode ?? {};
  const nodes = view
    .list('node')
    .filter((node) => node.status.state === 'ready' && node.spec.Availability === 'active');
  const live = tasks.filter((task) => isBefore(task.desired, 'shutdown'));
  const desired = mode.Global ? Math.max(live.length, 0) : (mode.Replicated?.Replicas ?? 1);
  return {
    RunningTasks: running.length,
    DesiredTasks: mode.ReplicatedJob?.TotalCompletions ?? (mode.GlobalJob ? nodes.length : desired),
    CompletedTasks: tasks.filter((task) => task.status.state === 'complete').length,
  };
}

/** GET /tasks/:id. */
export function taskJson({ value: task, version }: Found<'task'>, view: ClusterView) {
  const { status } = task;
  return {
    ID: task.id,
    Version: { Index: version },
    CreatedAt: task.createdAt,
    UpdatedAt: task.updatedAt,
    Labels: {},
    Spec: task.spec,
    ServiceID: task.serviceId,
    ...(task.slot > 0 && { Slot: task.slot }),
    ...(task.nodeId !== undefined && { NodeID: task.nodeId }),
    Status: {
      Timestamp: status.at,
      State: status.state,
      Message: status.message,
      ...(status.err !== undefined && { Err: status.err }),
      ...(status.containerId !== undefined && {
        ContainerStatus: { ContainerID: status.containerId, PID: status.pid ?? 0, ExitCode: status.exitCode ?? 0 },
      }),
      PortStatus: portStatus(task),
    },
    DesiredState: task.desired,
    NetworksAttachments: attachmentsJson(task, view),
    ...(task.jobIteration !== undefined && { JobIteration: { Index: task.jobIteration } }),
  };
}

/** What `docker service ps` shows: ports that lead to this one task, on its node. */
function portStatus({ ports }: Task) {
  const host = ports.filter((port) => !isIngress(port) && port.PublishedPort);
  return host.length > 0 ? { Ports: host } : {};
}

function attachmentsJson(task: Task, view: ClusterView) {
  return task.attachments.flatMap((at) => {
    const found = view.get('network', at.networkId);
    if (!found) return [];
    return [
      {
        Network: { ID: at.networkId, Version: { Index: found.version }, Spec: { Name: found.value.name } },
        Addresses: cidrsOf(at, at.networkId, view),
      },
    ];
  });
}

/** With the prefix lengths of the network's subnets. */
function cidrsOf(at: VirtualAddress | TaskAttachment, networkId: string, view: ClusterView): string[] {
  const pools = view.get('network', networkId)?.value.pools ?? [];
  return [at.ipv4, at.ipv6].flatMap((address) => {
    if (address === undefined) return [];
    const pool = pools.find(({ subnet }) => subnet.includes(':') === address.includes(':'));
    return pool ? [`${address}/${pool.subnet.split('/')[1]}`] : [];
  });
}
