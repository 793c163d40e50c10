import {
  isBefore,
  isTerminal,
  type Container,
  type ContainerStatus,
  type ObservedContainer,
  type PortConfig,
  type Task,
  type TaskStatus,
} from '#lib/domain';

/** How far a task is, by what is known of its container. The time is that of the change, not of the look. Pure. */
export function taskStatusOf(
  task: Task,
  container: Container | undefined,
  status: ContainerStatus | undefined,
  seen: ObservedContainer | undefined,
  now: string,
): TaskStatus {
  const at = (state: TaskStatus['state'], message: string, more: Partial<TaskStatus> = {}): TaskStatus => ({
    state,
    at: now,
    message,
    ...(seen && { containerId: container?.id, exitCode: status?.exitCode ?? seen.exitCode }),
    ...(seen?.pid && { pid: seen.pid }),
    ...(seen && container && hasChosen(task) && { ports: portsOf(container) }),
    ...more,
  });
  const leaving = task.desired === 'shutdown' || task.desired === 'remove';
  // One that was called off before this node heard of it never gets a container.
  if (!container && leaving && !isTerminal(task.status.state)) return at('shutdown', 'shutdown');
  if (!container) return isTerminal(task.status.state) ? task.status : at('accepted', 'accepted');
  const up = seen?.state === 'running' || seen?.state === 'paused';
  // Its container has gone meanwhile, and the last word on it was said.
  if (leaving && !seen && isTerminal(task.status.state)) return task.status;
  if (leaving) {
    const unhealthy = status?.health === 'unhealthy';
    if (up || seen?.state === 'other') return at('running', 'shutting down', unhealthy ? { unhealthy } : {});
    if (unhealthy) return at('failed', 'unhealthy', { err: 'task: unhealthy container' });
    return at('shutdown', 'shutdown');
  }
  if (status?.finished) return ended(status, at);
  if (up) {
    const ready = !container.healthcheck || status?.health === 'healthy';
    // One that never was healthy does not become `running` by that.
    const state = isBefore(task.status.state, 'running') ? 'starting' : 'running';
    if (status?.health === 'unhealthy')
      return at(state, 'unhealthy', { err: 'the container is unhealthy', unhealthy: true });
    return ready ? at('running', 'started') : at('starting', 'starting');
  }
  if (!seen) return at('preparing', 'preparing');
  return container.target === 'created' ? at('ready', 'prepared') : at('starting', 'starting');
}

/** Is there a port that its node has chosen? The others the manager knows itself. */
function hasChosen({ ports }: Task): boolean {
  return ports.some((port) => port.PublishMode === 'host' && !port.PublishedPort);
}

function portsOf({ ports }: Container): PortConfig[] {
  return ports.map(({ protocol, containerPort, hostPort }) => ({
    Protocol: protocol,
    TargetPort: containerPort,
    PublishedPort: hostPort,
    PublishMode: 'host',
  }));
}

function ended(
  status: ContainerStatus,
  at: (state: TaskStatus['state'], message: string, more?: Partial<TaskStatus>) => TaskStatus,
): TaskStatus {
  if (status.error !== undefined) return at('rejected', 'preparing', { err: status.error });
  if (status.exitCode === 0) return at('complete', 'finished');
  return at('failed', 'started', { err: `task: non-zero exit (${status.exitCode ?? 'unknown'})` });
}
