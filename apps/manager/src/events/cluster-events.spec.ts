import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterEvent } from '#lib/contracts';
import type { ClusterChange, ClusterCommitted } from '#lib/store';
import { TestCluster } from '../testing/test-cluster.js';
import { ClusterEvents } from './cluster-events.js';

describe('events of the cluster', () => {
  let cluster: TestCluster;
  let commit: (...changes: ClusterChange[]) => void;
  let told: ClusterEvent[];
  let stop: () => void;

  beforeEach(() => {
    cluster = new TestCluster();
    cluster.node('one');
    let listener: (committed: ClusterCommitted) => void;
    const feed = (each: typeof listener) => ((listener = each), () => undefined);
    const events = new ClusterEvents(Object.assign(cluster.store(), { feed }));
    commit = (...changes) => {
      cluster.apply(changes);
      listener({ revision: 1, changes });
    };
    told = [];
    stop = events.follow((event) => told.push(event));
  });

  const put = (kind: 'service' | 'node' | 'network' | 'secret' | 'config', value: object) =>
    commit({ op: 'put', kind, value } as ClusterChange);
  const since = (before: number) => told.slice(before).map(({ action, actor }) => [action, actor.attributes]);

  it('of a service: its image, its replicas and how its update goes', () => {
    const web = cluster.service('web', { Mode: { Replicated: { Replicas: 2 } } });
    put('service', web);
    expect(told).toEqual([{ type: 'service', action: 'create', actor: { id: 'web-id', attributes: { name: 'web' } } }]);
    const more = { ...web, spec: { ...web.spec, Mode: { Replicated: { Replicas: 3 } } } };
    put('service', more);
    const other = { ...more, spec: { ...more.spec, TaskTemplate: { ContainerSpec: { Image: 'demo:2' } } } };
    put('service', { ...other, updateStatus: { state: 'updating', startedAt: '', message: '' } });
    put('service', { ...other, updateStatus: { state: 'completed', startedAt: '', message: '' } });
    put('service', other);
    commit({ op: 'delete', kind: 'service', id: 'web-id' });
    expect(since(1)).toEqual([
      ['update', { name: 'web', 'replicas.old': '2', 'replicas.new': '3' }],
      ['update', { name: 'web', 'image.old': 'demo', 'image.new': 'demo:2', 'updatestate.new': 'updating' }],
      ['update', { name: 'web', 'updatestate.old': 'updating', 'updatestate.new': 'completed' }],
      ['update', { name: 'web' }],
      ['remove', { name: 'web' }],
    ]);
  });

  it('of a node that was there before: its state and availability, and not which certificate it uses', () => {
    const one = cluster.get('node', 'one')!.value;
    const down = { ...one, status: { ...one.status, state: 'down' as const } };
    put('node', down);
    const drained = { ...down, spec: { ...down.spec, Availability: 'drain' as const } };
    put('node', drained);
    put('node', { ...drained, certificate: 'next', updatedAt: 'now' });
    commit({ op: 'delete', kind: 'node', id: 'one' });
    expect(since(0)).toEqual([
      ['update', { name: 'one', 'state.old': 'ready', 'state.new': 'down' }],
      ['update', { name: 'one', 'availability.old': 'active', 'availability.new': 'drain' }],
      ['remove', { name: 'one' }],
    ]);
  });

  it.each(['secret', 'config'] as const)('of a %s', (kind) => {
    const key = { id: 'k', createdAt: '', updatedAt: '', spec: { Name: 'key', Data: 'sealed' } };
    put(kind, key);
    put(kind, { ...key, spec: { ...key.spec, Labels: { a: 'b' } } });
    commit({ op: 'delete', kind, id: 'k' });
    expect(told.map(({ type, action, actor }) => [type, action, actor])).toEqual(
      ['create', 'update', 'remove'].map((action) => [kind, action, { id: 'k', attributes: { name: 'key' } }]),
    );
  });

  it('of a network, but not of the addresses that its services had', () => {
    const net = cluster.network('net');
    put('network', net);
    put('network', { ...net, virtual: [{ serviceId: 's', ipv4: '10.0.0.2' }] });
    put('network', { ...net, vni: 4096 });
    expect(told.map(({ type, action }) => `${type} ${action}`)).toEqual(['network create', 'network update']);
  });

  it('until nobody listens, and none of tasks or of what is not there', () => {
    commit({ op: 'delete', kind: 'service', id: 'unknown' }, { op: 'delete', kind: 'task', id: 't' });
    stop();
    put('service', cluster.service('web'));
    expect(told).toEqual([]);
  });
});
