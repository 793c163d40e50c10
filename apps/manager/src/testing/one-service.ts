import type { Service, ServiceSpec, Task } from '#lib/domain';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { ServicesController } from '../control-api/services.controller.js';
import type { LogReading } from '../logs/log-reading.js';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from './test-cluster.js';

/** What a test asks of the service; what it does not name is as it always is. */
export interface Asked {
  image?: string;
  replicas?: number;
  update?: object;
  rollback?: object;
  labels?: Record<string, string>;
  restart?: object;
  mode?: ServiceSpec['Mode'];
  force?: number;
}

/** A cluster of three nodes with one service, which is asked for as clients do. */
export class OneService {
  readonly cluster = new TestCluster();
  private readonly services = new ServicesController(this.cluster.store(), {} as ClusterKey, {} as LogReading);

  constructor() {
    for (const id of ['a', 'b', 'c']) this.cluster.node(id);
  }

  async create(asked: Asked): Promise<void> {
    await this.services.create(specOf(asked), undefined);
    this.run();
  }

  async ask(asked: Asked, query: Record<string, string> = {}): Promise<void> {
    const { version } = this.cluster.get('service', this.service().id)!;
    await this.services.update('web', { version: String(version), ...query }, undefined, specOf(asked));
  }

  /** The nodes do what they are told, and the loops decide, until both rest; ending takes its time where it is said to. */
  run(takesTime?: (task: Task) => boolean): void {
    for (let round = 0; round < 10; round++) {
      this.cluster.settle(LOOPS);
      this.cluster.work(takesTime);
    }
    this.cluster.settle(LOOPS);
  }

  service(): Service {
    return this.cluster.list('service')[0]!;
  }

  status() {
    return this.service().updateStatus?.state;
  }

  inState(state: string): Task[] {
    return this.cluster.tasks('web').filter((task) => task.status.state === state);
  }

  /** Slots and images of what runs. */
  runs(): string[] {
    return this.inState('running')
      .sort((a, b) => a.slot - b.slot)
      .map((task) => `${task.slot} ${task.spec.ContainerSpec!.Image}`);
  }
}

export const ofSlot = (slot: number) => (task: Task) => task.slot === slot;

function specOf({ image = 'old', replicas = 1, update, rollback, labels, restart, mode, force }: Asked): ServiceSpec {
  return {
    Name: 'web',
    Labels: labels ?? {},
    TaskTemplate: {
      ContainerSpec: { Image: image },
      ...(restart && { RestartPolicy: restart }),
      ...(force && { ForceUpdate: force }),
    },
    Mode: mode ?? { Replicated: { Replicas: replicas } },
    UpdateConfig: { Parallelism: 1, ...update },
    RollbackConfig: { Parallelism: 1, ...rollback },
  };
}
