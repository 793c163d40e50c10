import { isTerminal, type ClusterNode, type PortConfig, type Task } from '#lib/domain';

/** So many tasks of one spec that failed on a node within that time, as in Docker, speak against it. Milliseconds. */
const TROUBLE = 5;
const TROUBLED_FOR = 300_000;

/** A node as the scheduler fills it: what is free on it, and what it runs already. */
export class Candidate {
  private nanoCpus: number;
  private memoryBytes: number;
  private readonly hostPorts = new Set<string>();
  /** tasks that run or will, by service */
  private readonly services = new Map<string, number>();
  /** tasks that failed lately, by spec */
  private readonly failures = new Map<string, number>();
  /** of all services */
  total = 0;

  constructor(readonly node: ClusterNode) {
    this.nanoCpus = node.description?.nanoCpus ?? 0;
    this.memoryBytes = node.description?.memoryBytes ?? 0;
  }

  count(serviceId: string): number {
    return this.services.get(serviceId) ?? 0;
  }

  take(task: Task): void {
    if (isTerminal(task.status.state)) return;
    const { NanoCPUs = 0, MemoryBytes = 0 } = task.spec.Resources?.Reservations ?? {};
    this.nanoCpus -= NanoCPUs;
    this.memoryBytes -= MemoryBytes;
    for (const port of hostPorts(task)) this.hostPorts.add(port);
    // What is about to go makes room for its successor.
    if (task.desired === 'shutdown' || task.desired === 'remove') return;
    this.services.set(task.serviceId, this.count(task.serviceId) + 1);
    this.total += 1;
  }

  /** A task that was here before. @param now milliseconds since the epoch */
  remember(task: Task, now: number): void {
    const { state, at } = task.status;
    if ((state !== 'failed' && state !== 'rejected') || now - Date.parse(at) >= TROUBLED_FOR) return;
    this.failures.set(specOf(task), (this.failures.get(specOf(task)) ?? 0) + 1);
  }

  /** Does it fail what comes to it of that spec? A full disk attracts every next try, since nothing runs there. */
  isTroubled(task: Task): boolean {
    return (this.failures.get(specOf(task)) ?? 0) >= TROUBLE;
  }

  fits(task: Task): boolean {
    const { NanoCPUs = 0, MemoryBytes = 0 } = task.spec.Resources?.Reservations ?? {};
    return NanoCPUs <= this.nanoCpus && MemoryBytes <= this.memoryBytes;
  }

  hasPortsFor(task: Task): boolean {
    return hostPorts(task).every((port) => !this.hostPorts.has(port));
  }
}

/** Tasks with the same are alike to the scheduler. */
export function specOf({ serviceId, specVersion }: Task): string {
  return `${serviceId} ${specVersion}`;
}

/** Those that are asked for by number, and those that the task's node has chosen. */
function hostPorts({ ports, status }: Task): string[] {
  return (status.ports ?? ports)
    .filter((port: PortConfig) => port.PublishMode === 'host' && port.PublishedPort)
    .map((port) => `${port.Protocol ?? 'tcp'} ${port.PublishedPort}`);
}
