import { isTerminal, type ClusterNode, type PortConfig, type Task } from '#lib/domain';

/** A node as the scheduler fills it: what is free on it, and what it runs already. */
export class Candidate {
  private nanoCpus: number;
  private memoryBytes: number;
  private readonly hostPorts = new Set<string>();
  /** tasks that run or will, by service */
  private readonly services = new Map<string, number>();
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

  fits(task: Task): boolean {
    const { NanoCPUs = 0, MemoryBytes = 0 } = task.spec.Resources?.Reservations ?? {};
    return NanoCPUs <= this.nanoCpus && MemoryBytes <= this.memoryBytes;
  }

  hasPortsFor(task: Task): boolean {
    return hostPorts(task).every((port) => !this.hostPorts.has(port));
  }
}

function hostPorts(task: Task): string[] {
  return task.ports
    .filter((port: PortConfig) => port.PublishMode === 'host' && port.PublishedPort)
    .map((port) => `${port.Protocol ?? 'tcp'} ${port.PublishedPort}`);
}
