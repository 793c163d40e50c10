import { isLive } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from './test-cluster.js';

/** Three nodes and the network `wide` (10.0.9.0/24), come to rest. */
export function wideCluster(): TestCluster {
  const cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
  cluster.network('wide', [{ subnet: '10.0.9.0/24' }]);
  workOn(cluster);
  return cluster;
}

/** Manager and nodes in turn, until nothing is left to do. */
export function workOn(cluster: TestCluster): void {
  for (let round = 0; round < 10; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}

/** IPv4 addresses of a service's live tasks, sorted as texts. */
export function addressesIn(cluster: TestCluster, service: string): (string | undefined)[] {
  return cluster
    .tasks(service)
    .filter(isLive)
    .flatMap((task) => task.attachments.map(({ ipv4 }) => ipv4))
    .sort();
}
