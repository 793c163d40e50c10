import type { ClusterNetwork, ClusterNode, Service, ServiceSpec, Task, TaskState } from '#lib/domain';
import type { ClusterChange, ClusterKind, ClusterKinds, ClusterStore, ClusterView } from '#lib/store';
import { firstIngress } from '../cluster/found.js';
import { withStatus } from '../dispatcher/reports.js';
import type { Loop } from '../loops/loop.js';

export const START = Date.parse('2026-01-01T00:00:00Z');

/** A cluster's state in memory, with the time in the test's hand. */
export class TestCluster implements ClusterView {
  now = START;
  private readonly rows = new Map<string, { kind: ClusterKind; version: number; value: ClusterKinds[ClusterKind] }>();

  constructor() {
    this.put('cluster', {
      id: 'cluster',
      createdAt: '',
      updatedAt: '',
      spec: { Name: 'default' },
      rootCertificate: '',
      rootKey: '',
      joinTokens: { worker: '', manager: '' },
      addressPools: [{ base: '10.0.0.0/8', size: 24 }],
      dataPathPort: 4789,
    });
  }

  get<K extends ClusterKind>(kind: K, id: string) {
    const row = this.rows.get(`${kind} ${id}`);
    return row && { version: row.version, value: row.value as ClusterKinds[K] };
  }

  list<K extends ClusterKind>(kind: K): readonly ClusterKinds[K][] {
    return [...this.rows.values()].filter((row) => row.kind === kind).map((row) => row.value as ClusterKinds[K]);
  }

  put<K extends ClusterKind>(kind: K, value: ClusterKinds[K]): void {
    const key = `${kind} ${value.id}`;
    this.rows.set(key, { kind, version: (this.rows.get(key)?.version ?? 0) + 1, value });
  }

  apply(changes: readonly ClusterChange[]): void {
    for (const change of changes) {
      if (change.op === 'put') this.put(change.kind, change.value as never);
      else this.rows.delete(`${change.kind} ${change.id}`);
    }
  }

  /** What controllers read and change. */
  store(): ClusterStore {
    const store = {
      list: this.list.bind(this),
      get: this.get.bind(this),
      transact: (decide: (view: ClusterView) => { changes: ClusterChange[]; result: unknown }) => {
        const { changes, result } = decide(this);
        this.apply(changes);
        return Promise.resolve(result);
      },
    };
    return store as unknown as ClusterStore;
  }

  /** Runs the loops until none has anything to decide; one that never comes to rest is a fault of its own. */
  settle(loops: readonly Loop[]): void {
    for (let round = 0; round < 50; round++) {
      const busy = loops.filter((loop) => {
        const { changes } = loop.decide(this, this.now);
        this.apply(changes);
        return changes.length > 0;
      });
      if (busy.length === 0) return;
    }
    throw new Error('the loops do not come to rest');
  }

  node(id: string, over: Partial<ClusterNode> = {}, labels: Record<string, string> = {}): ClusterNode {
    const node: ClusterNode = {
      id,
      createdAt: '',
      updatedAt: new Date(this.now).toISOString(),
      spec: { Role: 'worker', Availability: 'active', Labels: labels },
      status: { state: 'ready', addr: '10.9.0.1' },
      description: {
        hostname: id,
        os: 'linux',
        architecture: 'x86_64',
        nanoCpus: 2e9,
        memoryBytes: 4e9,
        engineVersion: '1',
        engineLabels: {},
        drivers: ['nat'],
        dataAddress: '10.9.0.1',
      },
      ...over,
    };
    this.put('node', node);
    return node;
  }

  service(name: string, spec: Partial<ServiceSpec> = {}): Service {
    const service: Service = {
      id: `${name}-id`,
      createdAt: '',
      updatedAt: '',
      spec: { Name: name, TaskTemplate: { ContainerSpec: { Image: 'demo' } }, ...spec },
      specVersion: 1,
      virtualAddresses: {},
      ports: [],
      ...((spec.Mode?.ReplicatedJob || spec.Mode?.GlobalJob) && { jobIteration: 0 }),
    };
    this.put('service', service);
    return service;
  }

  network(name: string, asked: ClusterNetwork['asked'] = []): ClusterNetwork {
    const network: ClusterNetwork = {
      id: `${name}-id`,
      createdAt: '',
      updatedAt: '',
      name,
      labels: {},
      options: {},
      internal: false,
      attachable: false,
      ingress: false,
      enableIPv6: false,
      encrypted: false,
      asked,
      pools: [],
    };
    this.put('network', network);
    return network;
  }

  ingress(): void {
    this.put('network', firstIngress(''));
  }

  tasks(service: string): Task[] {
    return this.list('task').filter((task) => task.serviceName === service);
  }

  /** What the nodes say of these tasks. */
  report(tasks: readonly Task[], state: TaskState, more: Partial<Task['status']> = {}): void {
    for (const { id } of tasks) {
      const task = this.get('task', id)!.value;
      const status = { state, at: new Date(this.now).toISOString(), message: state, ...more };
      this.put('task', withStatus(task, status));
    }
  }

  /** Does what the nodes would do: what is assigned runs, what is to be shut down ends, but for what takes its time. */
  work(takesTime: (task: Task) => boolean = () => false): void {
    for (const task of this.list('task')) {
      if (task.nodeId === undefined || this.get('node', task.nodeId)?.value.status.state === 'down') continue;
      const { state } = task.status;
      const starts = task.desired === 'running' || task.desired === 'complete';
      if (state === 'assigned' && starts) this.report([task], 'running');
      if (state === 'assigned' && task.desired === 'ready') this.report([task], 'ready');
      if (state === 'ready' && starts) this.report([task], 'running');
      const ends = (task.desired === 'shutdown' || task.desired === 'remove') && !takesTime(task);
      if (ends && ['assigned', 'ready', 'running'].includes(state)) this.report([task], 'shutdown');
    }
  }
}
