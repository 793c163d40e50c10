import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tunnelAddress, type ClusterNode, type TunnelEnd } from '#lib/domain';
import { assignedTo } from '../dispatcher/assigned-set.js';
import { newTask } from '../orchestrator/new-task.js';
import { scheduler } from '../scheduler/scheduler.js';
import { START, TestCluster } from '../testing/test-cluster.js';
import { keyChanges } from './key-changes.js';

const HOUR = 3_600_000;
const derive = (text: string) => createHmac('sha256', 'key').update(text).digest();

/** Three nodes; a and b have tasks on the encrypted network `secret`, c on the plain `open` with b. */
function cluster(): TestCluster {
  const made = new TestCluster();
  for (const id of ['a', 'b', 'c']) {
    const { description } = made.node(id);
    const encryption: NonNullable<ClusterNode['description']>['encryption'] = {
      publicKey: `public of ${id}`,
      port: 4799,
    };
    made.node(id, { description: { ...description!, dataAddress: `192.0.2.${id.charCodeAt(0)}`, encryption } });
  }
  made.put('network', { ...made.network('secret'), encrypted: true, vni: 4097 });
  made.put('network', { ...made.network('open'), vni: 4098 });
  const run = (service: string, nodeId: string, networkId: string) => {
    const task = newTask(made.service(service), { slot: 1 }, START);
    const attachments = [{ networkId, ipv4: `10.0.0.${made.list('task').length + 2}`, aliases: [] }];
    made.put('task', { ...task, nodeId, attachments, status: { ...task.status, state: 'running' } });
  };
  run('one', 'a', 'secret-id');
  run('two', 'b', 'secret-id');
  run('three', 'b', 'open-id');
  run('four', 'c', 'open-id');
  return made;
}

function ends(of: TestCluster, node: string): TunnelEnd[] {
  const set = assignedTo(node, of, (text) => Buffer.from(text), derive);
  return [...set.values()].filter(({ kind }) => kind === 'tunnel').map(({ value }) => JSON.parse(value) as TunnelEnd);
}

describe('the tunnels of a node', () => {
  it('lead to those that it shares an encrypted network with, and a pair has one key', () => {
    const made = cluster();
    const [[toB], [toA]] = [ends(made, 'a'), ends(made, 'b')];
    expect(toB).toMatchObject({ id: 'b', publicKey: 'public of b', endpoint: '192.0.2.98:4799' });
    expect(toA).toMatchObject({ id: 'a', publicKey: 'public of a' });
    expect(toB!.presharedKey).toBe(toA!.presharedKey);
    expect(Buffer.from(toB!.presharedKey, 'base64')).toHaveLength(32);
    expect(ends(made, 'b')).toHaveLength(1);
    expect(ends(made, 'c')).toEqual([]);
  });

  it('carry the frames of encrypted networks only', () => {
    const set = [...assignedTo('b', cluster(), (text) => Buffer.from(text), derive).values()];
    const vteps = set
      .filter(({ kind }) => kind === 'peer')
      .map(({ value }) => (JSON.parse(value) as { vtep: string }).vtep);
    expect(vteps.sort()).toEqual(['192.0.2.99', tunnelAddress('cluster', 'a')].sort());
  });

  it('have other keys every twelve hours, and only where there is something to encrypt', () => {
    const made = cluster();
    const keyNow = () => ends(made, 'a')[0]!.presharedKey;
    made.settle([keyChanges]);
    const first = keyNow();
    made.now += 12 * HOUR - 1;
    expect(keyChanges.decide(made, made.now)).toEqual({ changes: [], wakeAt: START + 12 * HOUR });
    made.now += 1;
    made.settle([keyChanges]);
    expect(keyNow()).not.toBe(first);
    expect(keyChanges.decide(new TestCluster(), START)).toEqual({ changes: [] });
  });

  it('that a node cannot have keep tasks away from it, with the reason', () => {
    const made = cluster();
    for (const id of ['a', 'b', 'c']) {
      const node = made.get('node', id)!.value;
      made.put('node', { ...node, description: { ...node.description!, encryption: { refused: 'no TUN' } } });
    }
    const task = newTask(made.service('five'), { slot: 1 }, START);
    const attachments = [{ networkId: 'secret-id', aliases: [] }];
    made.put('task', { ...task, attachments, status: { ...task.status, state: 'pending' } });
    made.settle([scheduler]);
    expect(made.tasks('five')[0]!.status.err).toBe(
      'no suitable node (encrypted network secret not possible (no TUN) on 3 nodes)',
    );
    expect(ends(made, 'a')).toEqual([]);
  });
});

it('an address inside is the cluster’s /48 and the node’s own, in the kernel’s way of writing', () => {
  const [one, two] = [tunnelAddress('cluster', 'a'), tunnelAddress('cluster', 'b')];
  expect(one).toMatch(/^fd[0-9a-f]{2}(:[1-9a-f][0-9a-f]{0,3}|:0){7}$/);
  expect(one.split(':').slice(0, 4)).toEqual(two.split(':').slice(0, 4));
  expect(one).not.toBe(two);
  expect(tunnelAddress('another', 'a').split(':').slice(0, 3)).not.toEqual(one.split(':').slice(0, 3));
});
