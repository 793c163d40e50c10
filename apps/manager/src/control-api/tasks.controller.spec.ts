import { expect, it } from 'vitest';
import type { LogReading } from '../logs/log-reading.js';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { TasksController } from './tasks.controller.js';

/** `web` with two replicas, `web2` with one, and `all` on each of two nodes. */
function names(...asked: string[]): string[] {
  const cluster = new TestCluster();
  cluster.node('n1');
  cluster.node('n2');
  cluster.service('web', { Mode: { Replicated: { Replicas: 2 } } });
  cluster.service('web2', { Mode: { Replicated: { Replicas: 1 } } });
  cluster.service('all', { Mode: { Global: {} } });
  cluster.settle(LOOPS);
  const [first] = cluster.tasks('web').filter(({ slot }) => slot === 1);
  const name = asked.map((each) => each.replace('ID', first!.id));
  return new TasksController(cluster.store(), {} as LogReading)
    .list(JSON.stringify({ name }))
    .map(({ ServiceID, Slot, NodeID }) => `${ServiceID.replace('-id', '')}.${Slot || NodeID}`)
    .toSorted();
}

it.each([
  [['web.2'], ['web.2']],
  [['web.1.ID'], ['web.1']],
  [['web.2.ID'], []],
  [['web.'], ['web.1', 'web.2']],
  [['web'], ['web.1', 'web.2', 'web2.1']],
  [
    ['web.2', 'web2'],
    ['web.2', 'web2.1'],
  ],
  [['all.n2'], ['all.n2']],
  [['eb'], []],
])('the filter of names %j is of what SERVICE.SLOT.ID begins with', (asked, found) => {
  expect(names(...asked)).toEqual(found);
});

it('the filter of labels is of those of the service, not of its containers', () => {
  const cluster = new TestCluster();
  cluster.node('n1');
  cluster.service('web', { Labels: { usage: 'front' } });
  cluster.service('db', { TaskTemplate: { ContainerSpec: { Image: 'demo', Labels: { usage: 'front' } } } });
  cluster.settle(LOOPS);
  const found = new TasksController(cluster.store(), {} as LogReading).list(JSON.stringify({ label: ['usage=front'] }));
  expect(found.map(({ ServiceID }) => ServiceID)).toEqual(['web-id']);
});
