import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromNode, ToNodeInput } from '#lib/contracts';
import { endpointMac, type Peer, type Task } from '#lib/domain';
import type { ClusterChange, ClusterStore, ClusterView } from '#lib/store';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { assignedTo } from './assigned-set.js';
import { Session } from './session.js';
import { Withdrawals } from './withdrawals.js';

const open = () => Buffer.alloc(0);
let cluster: TestCluster;
const tasks = () => cluster.tasks('web');
function run(): void {
  for (let round = 0; round < 6; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
}

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b']) cluster.node(id);
  cluster.network('front');
  cluster.service('web', {
    Mode: { Replicated: { Replicas: 2 } },
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'front-id', Aliases: ['shop'] }] },
  });
  run();
});

const assigned = (node: string) => assignedTo(node, cluster, open, open);
const peers = (node: string) =>
  [...assigned(node).values()].filter(({ kind }) => kind === 'peer').map(({ value }) => JSON.parse(value) as Peer);

describe('what a node is told of tasks on another one', () => {
  const change = (over: Partial<Task>) => {
    const task = tasks().find(({ nodeId }) => nodeId === 'b')!;
    cluster.put('task', { ...task, ...over });
    return peers('a');
  };
  const status = (over: Partial<Task['status']>) => ({ state: 'running' as const, at: '', message: '', ...over });

  it('is that it may be used while it runs and is healthy', () => {
    expect(peers('a')).toMatchObject([{ service: 'web', serviceId: 'web-id', withheld: '', leaving: false }]);
    expect(change({ status: status({ unhealthy: true }) })[0]!.withheld).toBe('unhealthy');
    expect(change({ status: status({ state: 'starting', pid: 7 }) })[0]!.withheld).toBe('starting');
  });

  it('is that it may be used before it is healthy, where the service says so, and not before it runs', () => {
    const traffic = { drainMs: 0, early: true };
    expect(change({ traffic, status: status({ state: 'starting' }) })[0]!.withheld).toBe('starting');
    expect(change({ traffic, status: status({ state: 'starting', pid: 7 }) })[0]!.withheld).toBe('');
  });

  it('is that it leaves, until it has ended: what was begun is still carried', () => {
    expect(change({ desired: 'shutdown' })).toMatchObject([{ withheld: 'leaving', leaving: true }]);
    expect(change({ desired: 'shutdown', status: status({ state: 'shutdown' }) })).toEqual([]);
  });

  it('has a MAC that follows from its address: a neighbour that remembers an earlier one is right', () => {
    const bytes = peers('a')[0]!
      .ipv4!.split('.')
      .map((byte) => Number(byte).toString(16).padStart(2, '0'));
    expect(peers('a')[0]!.mac).toBe(`02:42:${bytes.join(':')}`);
    const { attachments, id } = tasks().find(({ nodeId }) => nodeId === 'b')!;
    expect(change({ attachments: attachments.map(({ ipv4: _gone, ...at }) => at) })[0]!.mac).toBe(
      endpointMac(id, 'front-id'),
    );
  });

  it('comes with the service’s virtual address and aliases', () => {
    const service = [...assigned('a').values()].find(({ kind }) => kind === 'service')!;
    expect(JSON.parse(service.value)).toMatchObject({
      name: 'web',
      virtualAddresses: { 'front-id': { ipv4: '10.0.0.2' } },
      aliases: { 'front-id': ['shop'] },
    });
  });
});

describe('a session', () => {
  const told: ToNodeInput[] = [];
  let confirmed: number;
  let alive: number;
  let paced: number;
  let heartbeat = 5_000;
  let session: Session;
  const say = (message: object) => session.receive(message as FromNode);

  beforeEach(() => {
    told.length = confirmed = alive = paced = 0;
    session = new Session({
      nodeId: 'a',
      heartbeat: () => heartbeat,
      send: (message) => told.push(message),
      wanted: () => assigned('a'),
      hello: () => Promise.resolve(),
      report: () => Promise.resolve(),
      attach: async () => [],
      alive: () => alive++,
      leave: () => Promise.resolve(),
      paced: () => paced++,
      confirmed: () => confirmed++,
      trust: () => ({ roots: [], withinMs: 0 }),
      node: () => '',
    });
  });

  it('tells of another heartbeat while it lasts, and gives the node the time of that one', async () => {
    const welcomes = () => told.flatMap(({ welcome }) => welcome?.heartbeatMs ?? []);
    await say({ hello: { description: '' } });
    session.update();
    expect(welcomes()).toEqual([5_000]);
    const before = alive;
    heartbeat = 30_000;
    session.update();
    session.update();
    expect(welcomes()).toEqual([5_000, 30_000]);
    // That the manager speaks says nothing of the node.
    expect([alive, paced]).toEqual([before, 1]);
  });

  it('knows by the node’s word alone whether the node still uses a task', async () => {
    const number = () => told.findLast((each) => each.assignments)!.assignments!.number!;
    const there = () => tasks().find(({ nodeId }) => nodeId === 'b')!;
    await say({ hello: { description: '' } });
    expect(session.mayUse(there())).toBe(true);
    await say({ applied: { number: number() } });
    cluster.put('task', { ...there(), desired: 'shutdown' });
    session.update();
    expect(session.mayUse(there())).toBe(true);
    await say({ applied: { number: number() - 1 } });
    expect(session.mayUse(there())).toBe(true);
    await say({ applied: { number: number() } });
    expect([session.mayUse(there()), confirmed]).toEqual([false, 2]);
  });
});

describe('the withdrawal of a task that is to end', () => {
  const withdrawn = () => tasks().flatMap((task) => (task.withdrawn ? [task.nodeId] : []));
  let users: string[];
  let full: boolean;
  let withdrawals: Withdrawals;

  beforeEach(() => {
    users = ['b'];
    full = false;
    const transact = async <R>(decide: (view: ClusterView) => { changes: ClusterChange[]; result: R }) => {
      if (full) throw new Error('the disk is full');
      const { changes, result } = decide(cluster);
      cluster.apply(changes);
      return result;
    };
    const store = { list: cluster.list.bind(cluster), transact } as unknown as ClusterStore;
    withdrawals = new Withdrawals(store, (task) => users.includes(task.nodeId!));
  });
  afterEach(() => withdrawals.stop());

  it('is complete when no node may still use it', () => {
    for (const task of tasks()) cluster.put('task', { ...task, desired: 'shutdown' });
    withdrawals.consider(0);
    expect(withdrawn()).toEqual(['a']);
    users = [];
    withdrawals.consider(100);
    expect(withdrawn()).toEqual(['a', 'b']);
  });

  it('does not wait for ever for a node that says nothing', () => {
    for (const task of tasks()) cluster.put('task', { ...task, desired: 'shutdown' });
    withdrawals.consider(0);
    withdrawals.consider(2_999);
    expect(withdrawn()).toEqual(['a']);
    withdrawals.consider(3_000);
    expect(withdrawn()).toEqual(['a', 'b']);
  });

  it('is tried again where it could not be committed', async () => {
    vi.useFakeTimers();
    try {
      users = [];
      full = true;
      for (const task of tasks()) cluster.put('task', { ...task, desired: 'shutdown' });
      withdrawals.consider();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(withdrawn()).toEqual([]);
      full = false;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(withdrawn()).toEqual(['a', 'b']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is of tasks that are to end and have not', () => {
    users = [];
    const [first] = tasks();
    cluster.put('task', { ...first!, desired: 'shutdown', status: { ...first!.status, state: 'shutdown' } });
    withdrawals.consider(0);
    expect(withdrawn()).toEqual([]);
  });
});

describe('an unhealthy task', () => {
  it('is replaced as its service’s restart policy says, and its end is a failure', () => {
    const [first] = tasks();
    cluster.report([first!], 'running', { unhealthy: true });
    run();
    expect(cluster.get('task', first!.id)?.value.desired).toBe('shutdown');
    cluster.now += 10_000;
    run();
    const living = tasks().filter((task) => task.desired === 'running' && task.status.state === 'running');
    expect(living.map((task) => task.slot).sort()).toEqual([1, 2]);
  });

  it('is not replaced where the policy says none', () => {
    const spec = { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Condition: 'none' as const } };
    cluster.service('once', { TaskTemplate: spec });
    run();
    cluster.report(cluster.tasks('once'), 'running', { unhealthy: true });
    cluster.settle(LOOPS);
    cluster.report(cluster.tasks('once'), 'failed');
    cluster.now += 10_000;
    run();
    expect(cluster.tasks('once').map((task) => task.desired)).toEqual(['shutdown']);
  });
});
