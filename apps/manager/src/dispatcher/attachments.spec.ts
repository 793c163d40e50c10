import { beforeEach, describe, expect, it } from 'vitest';
import { endpointId, type Attachment, type WantedAttachment } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { assignedTo } from './assigned-set.js';
import { afterAttachments } from './attachments.js';
import { parseWanted } from './wanted.js';

let cluster: TestCluster;
const id = (letter: string) => letter.repeat(64);
const wish = (letter: string, more: Partial<WantedAttachment> = {}): WantedAttachment => ({
  containerId: id(letter),
  network: 'mesh',
  names: [letter],
  sharedNames: [],
  service: '',
  withheld: '',
  ports: [],
  ...more,
});

beforeEach(() => {
  cluster = new TestCluster();
  for (const node of ['a', 'b']) cluster.node(node);
  const mesh = cluster.network('mesh', [{ subnet: '10.0.9.0/29' }]);
  cluster.put('network', { ...mesh, attachable: true });
  cluster.network('closed');
  cluster.settle(LOOPS);
});

/** What a node says, and what it is told. */
function say(node: string, ...wanted: WantedAttachment[]) {
  const { changes, refused } = afterAttachments(node, wanted, cluster, cluster.now);
  cluster.apply(changes);
  return { refused: refused.map(({ code, message }) => `${code}: ${message}`), changed: changes.length };
}
const held = (): Attachment[] => cluster.list('attachment').filter((each) => each.releasedAt === undefined);
const addresses = () => held().map(({ names, ipv4 }) => `${names[0]} ${ipv4}`);
const kindsOf = (node: string) => {
  const set = assignedTo(
    node,
    cluster,
    () => Buffer.alloc(0),
    () => Buffer.alloc(32),
  );
  return [...set.values()].map((each) => each.kind).sort();
};

describe('the attachments that a node names', () => {
  it('get addresses once, however often they are named', () => {
    expect(say('a', wish('1'), wish('2')).refused).toEqual([]);
    expect(addresses()).toEqual(['1 10.0.9.2', '2 10.0.9.3']);
    expect(say('a', wish('1'), wish('2', { network: 'mesh-id', ipv4: '10.0.9.3' })).changed).toBe(0);
    expect(say('b', wish('3')).refused).toEqual([]);
    expect(addresses()).toEqual(['1 10.0.9.2', '2 10.0.9.3', '3 10.0.9.4']);
  });

  it('are released when they are named no more, and their addresses rest', () => {
    say('a', wish('1'), wish('2'));
    say('b', wish('3'));
    say('a', wish('2'));
    expect(addresses()).toEqual(['2 10.0.9.3', '3 10.0.9.4']);
    say('b', wish('3'), wish('4'));
    expect(addresses()).toContain('4 10.0.9.5');
    // Who had one may have it back at once, and so may somebody who asks for it.
    say('a', wish('2'), wish('1', { preferred: { ipv4: '10.0.9.2' } }));
    expect(addresses()).toContain('1 10.0.9.2');
    say('a', wish('2'));
    say('b', wish('3'), wish('4'), wish('5', { ipv4: '10.0.9.2' }));
    expect(addresses()).toContain('5 10.0.9.2');
  });

  it('pass an address on to the container that replaces one, and to nobody else', () => {
    say('a', wish('1', { ipv4: '10.0.9.5' }));
    const next = wish('2', { ipv4: '10.0.9.5', replaces: id('1') });
    expect(say('a', wish('1', { ipv4: '10.0.9.5' }), next).refused).toEqual([]);
    expect(say('b', wish('3', { ipv4: '10.0.9.5' })).refused[0]).toMatch(
      /conflict: address 10\.0\.9\.5 is already in use/,
    );
    expect(say('a', wish('2', { ipv4: '10.0.9.5' })).refused).toEqual([]);
    expect(addresses()).toEqual(['2 10.0.9.5']);
  });

  it('are refused one by one, with the reason', () => {
    const { refused } = say('a', wish('1', { network: 'closed' }), wish('2', { network: 'nowhere' }), wish('3'));
    expect(refused).toEqual([
      'forbidden: Could not attach to network closed: rpc error: code = PermissionDenied desc = network closed not manually attachable',
      'not_found: network nowhere not found',
    ]);
    expect(addresses()).toEqual(['3 10.0.9.2']);
    const all = ['3', '4', '5', '6', '7'].map((letter) => wish(letter));
    expect(say('a', ...all).refused).toEqual([]);
    expect(say('b', wish('8')).refused[0]).toContain('exhausted: no address is left in 10.0.9.0/29');
  });

  it('have a MAC that is nobody else’s there', () => {
    const [own, other] = ['02:42:0a:00:09:02', '02:42:0a:00:09:05'];
    const refused = (mac: string, more = {}) => say('b', wish('2', { mac, ...more })).refused[0];
    say('a', wish('1', { mac: own }));
    expect(held()).toMatchObject([{ ipv4: '10.0.9.2', mac: own }]);
    // Of another address, whoever has it or is to get it; of a node; of a container.
    expect(refused(own)).toBe(
      `conflict: MAC address ${own} on network mesh is that of 10.0.9.2: choose another one, or none`,
    );
    expect(refused(other)).toContain('is that of 10.0.9.5');
    expect(refused('06:42:0a:00:09:06')).toContain('is that of a node');
    say('a', wish('1', { mac: '0a:00:00:00:00:01' }));
    expect(refused('0a:00:00:00:00:01')).toContain('is that of container 1');
    expect(refused('0a:00:00:00:00:01', { replaces: id('1') })).toContain('is that of container 1');
    // On its own node, where one comes in the place of another.
    const [before, next] = ['1', '3'].map((letter) => wish(letter, { mac: '0a:00:00:00:00:01' }));
    expect(say('a', before!, next!).refused).toEqual([]);
    // Its own address’s, one of another network, any other.
    for (const mac of [other, '02:42:ac:11:00:02', '0a:00:00:00:00:02']) {
      expect(refused(mac, { ipv4: '10.0.9.5' })).toBeUndefined();
    }
  });

  it('have the MAC of their address, also where a task that has ended had it', () => {
    const TaskTemplate = { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'mesh-id' }] };
    cluster.service('web', { Mode: { Replicated: { Replicas: 1 } }, TaskTemplate });
    cluster.settle(LOOPS);
    const tasks = cluster.tasks('web');
    const { ipv4 } = tasks[0]!.attachments.find(({ networkId }) => networkId === 'mesh-id')!;
    expect(say('a', wish('1', { ipv4 })).refused[0]).toContain('is already in use');
    cluster.report(tasks, 'failed');
    cluster.now += 60_000;
    expect(say('a', wish('1', { ipv4 })).refused).toEqual([]);
  });

  it('do not come to a node that reaches the subnet by itself', () => {
    const { description } = cluster.get('node', 'b')!.value;
    cluster.node('b', { description: { ...description!, prefixes: [{ cidr: '10.0.8.0/23', by: 'a route by eth1' }] } });
    expect(say('b', wish('1')).refused).toEqual([
      'conflict: subnet 10.0.9.0/29 of network mesh overlaps a route by eth1 (10.0.8.0/23) of this node',
    ]);
  });

  it('bring the network and each other to the nodes that have some, and to no others', () => {
    say('a', wish('1'));
    expect([kindsOf('a'), kindsOf('b')]).toEqual([['attachment', 'network'], []]);
    say('b', wish('2', { withheld: 'not started' }));
    expect(kindsOf('a')).toEqual(['attachment', 'network', 'peer']);
    const set = assignedTo(
      'a',
      cluster,
      () => Buffer.alloc(0),
      () => Buffer.alloc(32),
    );
    const peer = JSON.parse(set.get(`peer mesh-id/${endpointId(id('2'), 'mesh-id')}`)!.value) as object;
    expect(peer).toMatchObject({ containerId: id('2'), names: ['2'], ipv4: '10.0.9.3', withheld: 'not started' });
    cluster.node('b', { status: { state: 'down', addr: '' } });
    expect(kindsOf('a')).toEqual(['attachment', 'network']);
  });

  it('are not taken from a node that is there, only from one that is down', () => {
    say('a', wish('1', { names: ['db'] }));
    const before = held();
    expect(say('b', wish('1', { names: ['evil'] }), wish('2'))).toEqual({
      refused: ['conflict: container db is on node a, which is not down'],
      changed: 1,
    });
    expect(held().filter(({ nodeId }) => nodeId === 'a')).toEqual(before);
    // What was refused is not given back in its holder's place, either.
    say('b');
    expect(held()).toEqual(before);
    // A machine that joined anew has another id, and its containers go on.
    cluster.node('a', { status: { state: 'down', addr: '' } });
    expect(say('b', wish('1', { names: ['db'] })).refused).toEqual([]);
    expect(held()).toMatchObject([{ nodeId: 'b', names: ['db'], ipv4: before[0]!.ipv4 }]);
    cluster.node('a');
    expect(say('a', wish('1')).refused).toHaveLength(1);
  });

  it('go with their node', () => {
    say('a', wish('1'));
    cluster.apply([{ op: 'delete', kind: 'node', id: 'a' }]);
    cluster.settle(LOOPS);
    expect(cluster.list('attachment')).toEqual([]);
  });
});

describe('what a node says', () => {
  it.each([
    [{ containerId: '../x' }, '0.containerId'],
    [{ mac: '01:00:00:00:00:01' }, 'a unicast MAC'],
    [{ ipv4: '10.0.9.2; drop' }, '0.ipv4'],
    [{ ports: [{ protocol: 'tcp', port: 70_000 }] }, '0.ports.0.port'],
  ])('is not taken on trust: %j', (more, said) => {
    expect(() => parseWanted(JSON.stringify([{ ...wish('1'), ...more }]))).toThrow(said);
  });
});
