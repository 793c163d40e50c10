import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Attachment, type ClusterNode, type ServiceSpec } from '#lib/domain';
import { parseServiceSpec } from '../control-api/service-spec.js';
import { TestCluster } from '../testing/test-cluster.js';
import { addressesIn, wideCluster, workOn } from '../testing/wide-cluster.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = wideCluster();
});

const run = () => workOn(cluster);

const asking = (ipv4: string): Pick<ServiceSpec, 'TaskTemplate'> => ({
  TaskTemplate: {
    ContainerSpec: { Image: 'demo' },
    RestartPolicy: { Delay: 1 },
    Networks: [{ Target: 'wide-id', DriverOpts: { 'skep.ipv4_address': ipv4 } }],
  },
});
const replicas = (Replicas: number) => ({ Mode: { Replicated: { Replicas } } });
const addresses = (service: string) => addressesIn(cluster, service);
const attachment = (ipv4: string, releasedAt?: string): Attachment => ({
  id: `at-${ipv4}`,
  createdAt: '',
  updatedAt: '',
  nodeId: 'a',
  networkId: 'wide-id',
  containerId: 'c1',
  mac: '02:00:00:00:00:01',
  ipv4,
  names: ['box'],
  sharedNames: [],
  service: '',
  withheld: '',
  ports: [],
  ...(releasedAt !== undefined && { releasedAt }),
});

describe('static addresses of a service', () => {
  it('are those of its replicas, in order', () => {
    cluster.service('web', { ...replicas(3), ...asking('10.0.9.10-10.0.9.11,10.0.9.20') });
    run();
    expect(addresses('web')).toEqual(['10.0.9.10', '10.0.9.11', '10.0.9.20']);
    const first = cluster.tasks('web').find((task) => task.slot === 1)!;
    expect(first.attachments[0]!.ipv4).toBe('10.0.9.10');
  });

  it('go to nobody else, not even before there is a task', () => {
    cluster.service('own', { ...replicas(0), ...asking('10.0.9.2-10.0.9.4') });
    cluster.service('any', { ...replicas(2), TaskTemplate: { Networks: [{ Target: 'wide-id' }] } });
    run();
    const virtual = cluster.list('service').flatMap((each) => Object.values(each.virtualAddresses));
    const given = [...addresses('any'), ...virtual.map(({ ipv4 }) => ipv4)];
    expect(given).toHaveLength(4);
    for (const address of given) expect(Number(address!.split('.')[3])).toBeGreaterThan(4);
  });

  it('that are too few leave tasks waiting, and these say for what', () => {
    cluster.service('web', { ...replicas(3), ...asking('10.0.9.10-10.0.9.11') });
    run();
    const waiting = cluster.tasks('web').filter((task) => task.status.state === 'new');
    expect(waiting.map((task) => task.status.err)).toEqual([
      'network wide: no address is left in 10.0.9.10-10.0.9.11: all are in use',
    ]);
    cluster.report(
      cluster.tasks('web').filter((task) => task.slot === 1),
      'failed',
    );
    cluster.now += SECOND;
    run();
    expect(addresses('web')).toEqual(['10.0.9.10', '10.0.9.11']);
  });

  it('are the same after an update that stops first', () => {
    const web = cluster.service('web', { ...replicas(2), ...asking('10.0.9.10-10.0.9.11') });
    run();
    const spec = { ...web.spec, TaskTemplate: { ...web.spec.TaskTemplate, ForceUpdate: 1 } };
    cluster.put('service', { ...cluster.get('service', web.id)!.value, spec, specVersion: 2 });
    for (let round = 0; round < 5; round++) {
      run();
      cluster.now += 10 * SECOND;
    }
    expect(addresses('web')).toEqual(['10.0.9.10', '10.0.9.11']);
    expect(
      cluster
        .tasks('web')
        .filter(isLive)
        .every((task) => task.specVersion === 2),
    ).toBe(true);
  });

  it('may be asked for by a label, which a stack’s networks are in by their short names', () => {
    cluster.network('shop_back', [{ subnet: '10.0.10.0/24' }]);
    run();
    const Labels = { 'com.docker.stack.namespace': 'shop', 'skep.ipv4_address.back': '10.0.10.7' };
    cluster.service('web', { Labels, TaskTemplate: { Networks: [{ Target: 'shop_back-id' }] } });
    run();
    expect(addresses('web')).toEqual(['10.0.10.7']);
  });

  const refused = (spec: object) => () => parseServiceSpec({ Name: 'new', ...spec }, cluster);

  it.each([
    ['10.1.0.1', 'service new: skep.ipv4_address on network wide: 10.1.0.1 is not inside subnet 10.0.9.0/24'],
    ['10.0.9.1', 'which is the gateway'],
    ['fd00::1', 'skep.ipv4_address of service new: fd00::1 is of the other address family'],
    ['ten', 'skep.ipv4_address of service new on network wide: ten is not an IP address'],
  ])('are refused at once where they never can be had: %s', (text, said) => {
    expect(refused(asking(text))).toThrow(said);
  });

  it('are refused where somebody has them, who is named', () => {
    cluster.service('web', { ...replicas(1), ...asking('10.0.9.10-10.0.9.12') });
    cluster.put('attachment', attachment('10.0.9.50'));
    run();
    expect(refused(asking('10.0.9.12-10.0.9.14'))).toThrow('10.0.9.12-10.0.9.14 is asked for by service web as well');
    expect(refused(asking('10.0.9.50'))).toThrow('address 10.0.9.50 is already in use by container box');
    const [virtual] = Object.values(cluster.list('service')[0]!.virtualAddresses);
    expect(refused(asking(virtual!.ipv4!))).toThrow('is already in use by service web');
    const v6 = { 'skep.ipv6_address': 'fd00::7' };
    const Networks = [{ Target: 'wide-id', DriverOpts: v6 }];
    expect(refused({ TaskTemplate: { ContainerSpec: { Image: 'demo' }, Networks } })).toThrow(
      'the network has no IPv6 subnet',
    );
  });
});

describe('addresses of a network', () => {
  it('are not those of containers outside services, nor those that rest after one', () => {
    cluster.put('attachment', attachment('10.0.9.2'));
    cluster.put('attachment', attachment('10.0.9.3', new Date(cluster.now).toISOString()));
    const TaskTemplate = { Networks: [{ Target: 'wide-id' }] };
    cluster.service('web', { EndpointSpec: { Mode: 'dnsrr' }, TaskTemplate });
    run();
    expect(addresses('web')).toEqual(['10.0.9.4']);
    cluster.now += 6 * SECOND;
    run();
    expect(cluster.list('attachment').map(({ ipv4 }) => ipv4)).toEqual(['10.0.9.2']);
  });

  it('are of both families where it has both', () => {
    const six = cluster.network('six');
    cluster.put('network', { ...six, enableIPv6: true });
    run();
    cluster.service('web', { ...replicas(2), TaskTemplate: { Networks: [{ Target: 'six-id' }] } });
    run();
    const given = cluster.tasks('web').map((task) => task.attachments[0]!.ipv6);
    expect(new Set(given).size).toBe(2);
    for (const address of given) expect(address).toMatch(/^fd/);
  });
});

describe('a service whose addresses cannot be understood', () => {
  it.each([
    { TaskTemplate: { Networks: [{ Target: 'wide-id', DriverOpts: { 'skep.ipv4_address': 'ten' } }] } },
    { Labels: { 'skep.ipv4_address.wide': 'ten' }, TaskTemplate: { Networks: [{ Target: 'wide-id' }] } },
  ])('holds up nobody else, and says why: %j', (spec) => {
    cluster.service('odd', spec);
    cluster.service('web', { Labels: null as never, TaskTemplate: { Networks: [{ Target: 'wide-id' }] } });
    run();
    expect(addresses('web')).toHaveLength(1);
    expect(cluster.tasks('odd')[0]!.status.err).toContain('ten is not an IP address');
  });
});

describe('subnets', () => {
  /** The node says that it reaches so much by itself. */
  const describedOn = (node: ClusterNode, cidr: string) => {
    const { description } = new TestCluster().node(node.id);
    cluster.node(node.id, { ...node, description: { ...description!, prefixes: [{ cidr, by: 'link eth0' }] } });
  };

  it('stay clear of what nodes reach by themselves, and a node with such a route is named', () => {
    const { description } = cluster.get('node', 'b')!.value;
    const prefixes = [{ cidr: '10.0.0.0/22', by: 'a route by eth1' }];
    cluster.node('b', { description: { ...description!, prefixes } });
    cluster.network('next');
    cluster.network('asked', [{ subnet: '10.0.2.0/24' }]);
    run();
    const [, next, asked] = cluster.list('network');
    expect(next!.pools[0]!.subnet).toBe('10.0.4.0/24');
    expect(asked!.allocationError).toContain('subnet 10.0.2.0/24 overlaps a route by eth1 of node b (10.0.0.0/22)');
  });

  it('are chosen when the first node has said what it reaches, and asked for before that', () => {
    cluster = new TestCluster();
    cluster.ingress();
    cluster.network('asked', [{ subnet: '10.7.0.0/24' }]);
    const node = cluster.node('a', { description: undefined });
    run();
    const subnets = () => cluster.list('network').map(({ pools }) => pools[0]?.subnet);
    expect(subnets()).toEqual([undefined, '10.7.0.0/24']);
    expect(cluster.list('network').map((each) => each.allocationError)).toEqual([undefined, undefined]);
    describedOn(node, '10.0.0.0/16');
    run();
    expect(subnets()).toEqual(['10.1.0.0/24', '10.7.0.0/24']);
    expect(Object.values(cluster.get('node', 'a')!.value.addresses!)).toMatchObject([{ ipv4: '10.1.0.2' }]);
  });

  it('that a node came to reach by itself keep tasks away from it, and they say so', () => {
    const { description } = cluster.get('node', 'b')!.value;
    const prefixes = [{ cidr: '10.0.9.128/25', by: 'link eth1' }];
    for (const id of ['a', 'b', 'c']) cluster.node(id, { description: { ...description!, prefixes } });
    cluster.service('web', { TaskTemplate: { Networks: [{ Target: 'wide-id' }] } });
    run();
    expect(cluster.tasks('web')[0]!.status.err).toBe(
      'no suitable node (subnet 10.0.9.0/24 of network wide overlaps link eth1 (10.0.9.128/25) on 3 nodes)',
    );
    cluster.node('c');
    run();
    expect(cluster.tasks('web')[0]!.nodeId).toBe('c');
  });
});
