import { performance } from 'node:perf_hooks';
import { scheduler } from '../../apps/manager/src/scheduler/scheduler.js';
import { newTask } from '../../apps/manager/src/orchestrator/new-task.js';
import { START, TestCluster } from '../../apps/manager/src/testing/test-cluster.js';
import type { Measure } from '../measure.js';
import { median } from '../report/statistics.js';

const NODES = 1_000;
const TASKS = 10_000;

/** The scheduler alone, without containers: every task gets a node in one decision. A tenth of it is the peer: is it linear? */
export const measureScheduler: Measure = async (_stage, { rounds }) => {
  const whole: number[] = [];
  const tenth: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const times = [decide(NODES, TASKS), decide(NODES / 10, TASKS / 10)];
    // The first one warms up.
    if (round > 0) [whole, tenth].forEach((list, index) => list.push(times[index]!));
  }
  return [
    {
      what: `scheduler: ${TASKS.toLocaleString('en')} tasks on ${NODES.toLocaleString('en')} simulated nodes`,
      unit: 'ms',
      skep: whole,
      peer: `a tenth of both takes ${median(tenth).toFixed(0)} ms`,
      theirs: tenth,
      bar: { relation: '<=', figure: 2_000 },
    },
  ];
};

/** Milliseconds. */
function decide(nodes: number, tasks: number): number {
  const cluster = new TestCluster();
  for (let node = 0; node < nodes; node++) cluster.node(`n${node}`, {}, { zone: `z${node % 10}` });
  for (let service = 0; service < 100; service++) {
    const made = cluster.service(`s${service}`, {
      TaskTemplate: {
        ContainerSpec: { Image: 'demo' },
        Placement: { Constraints: ['node.role==worker', `node.labels.zone!=z${service % 10}`] },
      },
    });
    for (let slot = 1; slot <= tasks / 100; slot++) {
      const task = newTask(made, { slot }, START);
      cluster.put('task', { ...task, status: { ...task.status, state: 'pending' } });
    }
  }
  const begun = performance.now();
  const { changes } = scheduler.decide(cluster, START);
  const took = performance.now() - begun;
  if (changes.length !== tasks) throw new Error(`${changes.length} of ${tasks} tasks got a node`);
  return took;
}
