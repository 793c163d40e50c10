import { Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromNode, ToNodeInput } from '#lib/contracts';
import type { ClusterNode } from '#lib/domain';
import type { Caller } from '../ca/caller.js';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { assignedTo } from './assigned-set.js';
import { Dispatcher } from './dispatcher.js';
import { Liveness } from './liveness.js';

describe('the sessions of nodes', () => {
  let cluster: TestCluster;
  let liveness: Liveness;
  let dispatcher: Dispatcher;
  let one: ClusterNode;

  beforeEach(() => {
    Logger.overrideLogger(false);
    cluster = new TestCluster();
    one = cluster.node('one', { certificate: 'its own' });
    cluster.node('two');
    const store = Object.assign(cluster.store(), { feed: () => () => undefined });
    liveness = new Liveness(store);
    const key = { unseal: () => Buffer.alloc(0), derive: () => Buffer.alloc(0) } as unknown as ClusterKey;
    dispatcher = new Dispatcher(store, key, liveness);
  });
  afterEach(() => liveness.onModuleDestroy());

  const open = () => {
    const messages = new Subject<FromNode>();
    const said: ToNodeInput[] = [];
    let end = '';
    const caller: Caller = { nodeId: 'one', role: 'worker', clusterId: 'cluster', fingerprint: 'its own', issuer: '' };
    dispatcher.open(caller, 'ipv4:10.9.0.1:4000', messages).subscribe({
      next: (message) => said.push(message),
      error: (error: Error) => (end = error.message),
      complete: () => (end = 'complete'),
    });
    messages.next({ hello: { description: JSON.stringify(one.description) } });
    return { messages, greeted: () => vi.waitFor(() => expect(said).not.toEqual([])), end: () => end };
  };
  const status = () => cluster.get('node', 'one')!.value.status;

  it('a node that leaves is down at once, nobody is led to it, and its session ends', async () => {
    cluster.network('net');
    const TaskTemplate = { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'net-id' }] };
    cluster.service('web', { Mode: { Replicated: { Replicas: 2 } }, TaskTemplate });
    cluster.settle(LOOPS);
    cluster.report(cluster.tasks('web'), 'running');
    const plain = (text: string) => Buffer.from(text);
    const peers = () => [...assignedTo('two', cluster, plain, plain).values()].filter(({ kind }) => kind === 'peer');
    expect(peers()).toHaveLength(1);

    const session = open();
    await session.greeted();
    session.messages.next({ leaving: {} });
    session.messages.next({ heartbeat: {} });
    await vi.waitFor(() => expect(session.end()).toBe('complete'));
    expect(status()).toMatchObject({ state: 'down', message: 'left the swarm' });
    expect(peers()).toEqual([]);
    expect(dispatcher.sessionOf('one')).toBeUndefined();
    session.messages.next({ heartbeat: {} });
    await Promise.resolve();
    expect(status().state).toBe('down');
  });

  it('are one a node: what is said in the one before counts no more', async () => {
    const former = open();
    await former.greeted();
    const session = open();
    await session.greeted();
    expect(former.end()).toContain('node one opened another session');
    expect(former.messages.observed).toBe(false);
    expect(session.messages.observed).toBe(true);
    former.messages.error(new Error('cut off'));
    expect(dispatcher.sessionOf('one')).toBeDefined();
  });
});
