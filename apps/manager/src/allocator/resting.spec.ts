import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Attachment, type ServiceSpec } from '#lib/domain';
import { assignedTo } from '../dispatcher/assigned-set.js';
import { LOOPS } from '../control-loops.js';
import { reaper } from '../reaper/reaper.js';
import type { TestCluster } from '../testing/test-cluster.js';
import { addressesIn, wideCluster, workOn } from '../testing/wide-cluster.js';
import { AddressBook } from './addresses.js';
import { allocator } from './allocator.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = wideCluster();
});

const run = () => workOn(cluster);
const replicas = (Replicas: number) => ({ Mode: { Replicated: { Replicas } } });
const addresses = (service: string) => addressesIn(cluster, service);

const released = (ipv4: string, releasedAt: string): Attachment => ({
  id: `at-${ipv4}`,
  createdAt: '',
  updatedAt: '',
  nodeId: 'a',
  networkId: 'small-id',
  containerId: 'c1',
  mac: '02:00:00:00:00:01',
  ipv4,
  names: ['box'],
  sharedNames: [],
  service: '',
  withheld: '',
  ports: [],
  releasedAt,
});

describe('addresses of what was removed', () => {
  const onWide = (more: Partial<ServiceSpec> = {}) => ({
    TaskTemplate: { Networks: [{ Target: 'wide-id' }] },
    ...more,
  });
  const virtual = (service: string) =>
    cluster
      .list('service')
      .filter(({ spec }) => spec.Name === service)
      .flatMap(({ virtualAddresses }) => Object.values(virtualAddresses).map(({ ipv4 }) => ipv4!));
  const remove = (service: string) => cluster.apply([{ op: 'delete', kind: 'service', id: `${service}-id` }]);
  const ofNetwork = () => cluster.get('network', 'wide-id')!.value.virtual;

  it('are given to nobody by choice while their names may be remembered', () => {
    cluster.service('a', onWide());
    run();
    const before = [...addresses('a'), ...virtual('a')];
    expect(before).toHaveLength(2);
    remove('a');
    run();
    cluster.now += 4 * SECOND;
    cluster.service('b', onWide());
    run();
    expect(addresses('b')).toHaveLength(1);
    for (const address of [...addresses('b'), ...virtual('b')]) expect(before).not.toContain(address);
    const book = new AddressBook(cluster, cluster.now);
    for (const address of before) expect(Object.values(book.lease(book.network('wide')!, 'x'))).not.toContain(address);
    cluster.now += 1 * SECOND;
    run();
    expect(cluster.tasks('a')).toEqual([]);
    cluster.service('c', onWide());
    run();
    expect([...addresses('c'), ...virtual('c')].sort()).toEqual(before.sort());
    expect(ofNetwork()!.map(({ serviceId }) => serviceId)).toEqual(['b-id', 'c-id']);
  });

  it('are not given before the allocator has seen the removal, either', () => {
    cluster.service('a', onWide(replicas(0)));
    run();
    const [before] = virtual('a');
    remove('a');
    const book = new AddressBook(cluster, cluster.now);
    expect(book.lease(book.network('wide')!, 'x').ipv4).not.toBe(before);
  });

  it('rest also where a service only gives up its virtual one', () => {
    const { spec } = cluster.service('a', onWide(replicas(0)));
    run();
    const [before] = virtual('a');
    const put = (Mode: 'vip' | 'dnsrr') =>
      cluster.put('service', { ...cluster.get('service', 'a-id')!.value, spec: { ...spec, EndpointSpec: { Mode } } });
    put('dnsrr');
    run();
    expect(virtual('a')).toEqual([]);
    put('vip');
    run();
    expect(virtual('a')).not.toEqual([before]);
  });

  it('rest also where the limit of the history is 0', () => {
    const known = cluster.get('cluster', 'cluster')!.value;
    cluster.put('cluster', { ...known, spec: { ...known.spec, Orchestration: { TaskHistoryRetentionLimit: 0 } } });
    cluster.service('a', {
      EndpointSpec: { Mode: 'dnsrr' },
      TaskTemplate: { Networks: [{ Target: 'wide-id' }], RestartPolicy: { Delay: 1 } },
    });
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 4; round++) {
      run();
      for (const address of addresses('a')) seen.add(address);
      cluster.now += SECOND;
      cluster.report(cluster.tasks('a').filter(isLive), 'failed');
    }
    expect(seen.size).toBe(4);
  });

  it('rest also where the node is removed that had them', () => {
    cluster.service('a', onWide({ EndpointSpec: { Mode: 'dnsrr' } }));
    run();
    const [task] = cluster.tasks('a');
    cluster.apply([{ op: 'delete', kind: 'node', id: task!.nodeId! }]);
    run();
    expect(addresses('a')).toHaveLength(1);
    expect(addresses('a')).not.toEqual([task!.attachments[0]!.ipv4]);
    expect(cluster.get('task', task!.id)!.value.status).toMatchObject({
      state: 'orphaned',
      message: 'the node was removed',
    });
  });

  it('are looked after in time, and not for a network that is gone', () => {
    cluster.service('a', onWide());
    run();
    remove('a');
    run();
    const { changes, wakeAt } = reaper.decide(cluster, cluster.now);
    expect([changes, wakeAt]).toEqual([[], cluster.now + 5 * SECOND]);
    cluster.apply([{ op: 'delete', kind: 'network', id: 'wide-id' }]);
    run();
    expect(cluster.list('task')).toEqual([]);
  });

  it('are nothing that nodes are told of', () => {
    cluster.service('a', onWide());
    cluster.service('b', { ...onWide(), Mode: { Global: {} } });
    run();
    const [task] = cluster.tasks('a');
    remove('a');
    run();
    const open = (text: string) => Buffer.from(text);
    const assigned = assignedTo(task!.nodeId!, cluster, open, open);
    expect(assigned.has(`task ${task!.id}`)).toBe(false);
    expect(JSON.parse(assigned.get('network wide-id')!.value)).not.toHaveProperty('virtual');
  });
});

describe('tasks that wait for addresses which rest', () => {
  const decide = () => allocator.decide(cluster, cluster.now);

  beforeEach(() => {
    // Room for five.
    cluster.network('small', [{ subnet: '10.0.8.0/29' }]);
    run();
    const rested = new Date(cluster.now).toISOString();
    for (const last of [2, 3, 4, 5, 6]) {
      cluster.put('attachment', released(`10.0.8.${last}`, rested));
    }
  });

  it('are looked at when these have rested, also by a look that changes nothing', () => {
    cluster.service('web', { EndpointSpec: { Mode: 'dnsrr' }, TaskTemplate: { Networks: [{ Target: 'small-id' }] } });
    cluster.settle(LOOPS);
    expect(cluster.tasks('web')[0]!.status).toMatchObject({ state: 'new' });
    expect(cluster.tasks('web')[0]!.status.err).toContain('no address is left');
    cluster.now += SECOND;
    // The commit of the reason is itself what makes the loop look again.
    expect(decide()).toEqual({ changes: [], wakeAt: cluster.now + 4 * SECOND });
    cluster.now += 4 * SECOND;
    cluster.apply(decide().changes);
    expect(cluster.tasks('web')[0]!.status.state).toBe('pending');
  });

  it('are waited for by a service, too', () => {
    cluster.service('web', {
      Mode: { Replicated: { Replicas: 0 } },
      TaskTemplate: { Networks: [{ Target: 'small-id' }] },
    });
    cluster.settle(LOOPS);
    expect(cluster.list('service')[0]!.allocationError).toContain('no address is left');
    expect(decide()).toEqual({ changes: [], wakeAt: cluster.now + 5 * SECOND });
  });

  it('are waited for by a node, too', () => {
    cluster.put('network', { ...cluster.get('network', 'small-id')!.value, ingress: true });
    expect(decide()).toEqual({ changes: [], wakeAt: cluster.now + 5 * SECOND });
  });

  it('are not waited for where nobody waits, or nothing rests', () => {
    expect(decide()).toEqual({ changes: [] });
    cluster.service('web', { TaskTemplate: { Networks: [{ Target: 'gone' }] } });
    cluster.settle(LOOPS);
    expect(cluster.tasks('web')[0]!.status.err).toBe('network gone not found');
    cluster.apply(cluster.list('attachment').map(({ id }) => ({ op: 'delete', kind: 'attachment', id })));
    expect(decide()).toEqual({ changes: [] });
  });
});
