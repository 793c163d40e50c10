import {
  isBefore,
  isLive,
  isTerminal,
  type Service,
  type ServiceSpec,
  type Task,
  type TaskAttachment,
  type TaskState,
  type VirtualAddress,
} from '#lib/domain';
import type { ClusterView } from '#lib/store';
import type { Found } from '../cluster/lookup.js';
import { isIngress } from '../ingress/ingress.js';
import { concurrencyOf } from '../orchestrator/jobs.js';
import { isJob } from '../orchestrator/new-task.js';
import { withTaskDefaults } from '../orchestrator/task-defaults.js';
import { withDefaults } from '../updater/update-plan.js';

/**
 * GET /services/:id (Docker Engine API 1.51).
 * @param defaults its spec is shown with what holds where nobody has said anything
 */
export function serviceJson({ value: service, version }: Found<'service'>, view: ClusterView, defaults = false) {
  const { updateStatus: update } = service;
  const spec = specJson(service.spec);
  return {
    ID: service.id,
    Version: { Index: version },
    CreatedAt: service.createdAt,
    UpdatedAt: service.updatedAt,
    Spec: defaults ? withAllDefaults(spec) : spec,
    ...(service.previousSpec && { PreviousSpec: specJson(service.previousSpec) }),
    Endpoint: {
      Spec: spec.EndpointSpec ?? {},
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
    ...(service.jobIteration !== undefined && {
      JobStatus: { JobIteration: { Index: service.jobIteration }, LastExecution: service.jobStartedAt },
    }),
  };
}

/**
 * With what clients take for granted though nobody has said it, as it is with Docker: labels, and the endpoint's mode where
 * they look for addresses.
 */
function specJson(spec: ServiceSpec): ServiceSpec {
  const { EndpointSpec } = spec;
  return {
    ...spec,
    Labels: spec.Labels ?? {},
    ...(EndpointSpec && { EndpointSpec: { ...EndpointSpec, Mode: EndpointSpec.Mode ?? 'vip' } }),
  };
}

function withAllDefaults(spec: ServiceSpec): ServiceSpec {
  return {
    ...spec,
    TaskTemplate: withTaskDefaults(spec.TaskTemplate),
    UpdateConfig: withDefaults(spec.UpdateConfig),
    RollbackConfig: withDefaults(spec.RollbackConfig),
  };
}

/** How many of its tasks run, of how many; of a job, those of its latest run, and how many of them are done. Pure. */
export function serviceStatus(service: Service, view: Pick<ClusterView, 'list'>) {
  const tasks = view
    .list('task')
    .filter((task) => task.serviceId === service.id && task.jobIteration === service.jobIteration);
  const wanted = tasks.filter((task) => isBefore(task.desired, 'shutdown'));
  return {
    RunningTasks: wanted.filter((task) => task.status.state === 'running').length,
    DesiredTasks: desiredTasks(service, wanted),
    CompletedTasks: isJob(service) ? tasks.filter((task) => task.status.state === 'complete').length : 0,
  };
}

/** As Docker counts: of a replicated job how many may run at a time, of a global one how many have yet to be done. */
function desiredTasks({ spec: { Mode: mode = {} } }: Service, wanted: readonly Task[]): number {
  if (mode.Global) return wanted.filter(isLive).length;
  if (mode.GlobalJob) return wanted.filter((task) => task.status.state !== 'complete').length;
  if (mode.ReplicatedJob) return concurrencyOf(mode.ReplicatedJob).most;
  return mode.Replicated?.Replicas ?? 1;
}

/** One that has ended is not to run any more, whatever it was made for: another try is another task. */
export function desiredOf({ desired, status, jobIteration }: Task): TaskState {
  return isTerminal(status.state) && isBefore(desired, 'shutdown') && jobIteration === undefined ? 'shutdown' : desired;
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
    DesiredState: desiredOf(task),
    NetworksAttachments: attachmentsJson(task, view),
    ...(task.jobIteration !== undefined && { JobIteration: { Index: task.jobIteration } }),
  };
}

/** What `docker service ps` shows: ports that lead to this one task, on its node; its node says which it has chosen. */
function portStatus({ ports, status }: Task) {
  const host = (status.ports ?? ports).filter((port) => !isIngress(port) && port.PublishedPort);
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
