import { expect, it } from 'vitest';
import { AddressBook, withAddresses } from '../allocator/addresses.js';
import { virtualAddresses } from '../allocator/virtual-addresses.js';
import { newTask } from '../orchestrator/new-task.js';
import { TestCluster } from '../testing/test-cluster.js';
import { parseServiceSpec } from './service-spec.js';

const cluster = new TestCluster();
cluster.network('wide');
const on = (Networks: object[], container: object = {}, more: object = {}) =>
  parseServiceSpec(
    { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo', ...container }, Networks }, ...more },
    cluster,
  );
const ports = (PublishMode: string) => ({ EndpointSpec: { Ports: [{ TargetPort: 80, PublishMode }] } });

it.each(['host', 'none', 'bridge'])(
  'lets a service be on its nodes’ own network, which gives no address: %s',
  (name) => {
    const spec = on([{ Target: name }], { DNSConfig: {} }, { EndpointSpec: { Mode: 'vip' } });
    expect(spec.TaskTemplate.Networks).toEqual([{ Target: name }]);
    const service = cluster.service('web', spec);
    const book = new AddressBook(cluster, 0);
    expect(virtualAddresses(service, book)).toEqual({});
    expect(withAddresses(newTask(service, { slot: 1 }, 0), service, book)).toMatchObject({ attachments: [] });
  },
);

it('takes nat, as a node calls its bridge, for bridge', () => {
  expect(on([{ Target: 'nat' }]).TaskTemplate.Networks).toEqual([{ Target: 'bridge' }]);
});

const HOST = [{ Target: 'host' }];
it.each([
  ['another network', () => on([...HOST, { Target: 'wide' }]), 'a service on it is on no other network'],
  ['names', () => on([{ Target: 'host', Aliases: ['db'] }]), 'network-scoped alias is supported only'],
  ['options', () => on([{ Target: 'host', DriverOpts: { a: 'b' } }]), 'takes no DriverOpts, and a is given'],
  ['ports of every node', () => on(HOST, {}, ports('ingress')), 'cannot be disconnected from host network'],
  ['ports of its node', () => on(HOST, {}, ports('host')), 'with network host no ports are published'],
  ['entries of /etc/hosts', () => on(HOST, { Hosts: ['10.0.0.1 db'] }), 'ContainerSpec.Hosts is given'],
  ['servers of names', () => on(HOST, { DNSConfig: { Search: ['lab'] } }), 'ContainerSpec.DNSConfig is given'],
])('refuses what the network of the host does not have: %s', (_, asked, why) => {
  cluster.ingress();
  expect(asked).toThrow(why);
});
