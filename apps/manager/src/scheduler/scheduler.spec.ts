import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Placement } from '#lib/domain';
import { LOOPS } from '../loops/loops.js';
import { TestCluster } from '../testing/test-cluster.js';

let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
});

function run(): void {
  for (let round = 0; round < 5; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}
const placed = (name: string, placement: object) =>
  cluster.service(name, {
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: placement as Placement },
  });
const running = (service: string) => cluster.tasks(service).filter((task) => isLive(task) && task.nodeId !== undefined);

describe('one service that cannot be understood', () => {
  // A state that an earlier version has let in.
  it.each([{ Preferences: [null] }, { Constraints: ['node.id=b'] }, { Platforms: [null] }])(
    'holds up nobody else, and says why: %j',
    (placement) => {
      placed('odd', placement);
      cluster.service('web');
      run();
      expect(running('web')).toHaveLength(1);
      const [odd] = cluster.tasks('odd');
      expect(odd!.status).toMatchObject({ state: 'pending', message: 'no suitable node' });
      expect(odd!.status.err).not.toBe('');
    },
  );

  it.each([{ Constraints: null }, { Preferences: null }, { Platforms: null }])('takes %j for nothing', (placement) => {
    placed('web', placement);
    run();
    expect(running('web')).toHaveLength(1);
  });
});
