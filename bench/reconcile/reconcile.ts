import { createHook } from 'node:async_hooks';
import request from 'supertest';
import { internal } from '#lib/common';
import type { Host } from '#lib/host';
import { TestAgent } from '../../apps/agent/src/testing/test-agent.js';
import { Reconciler } from '../../apps/agent/src/reconciler/reconciler.js';
import { Lab } from '../../libs/drivers/src/testing/lab.js';
import type { Measure } from '../measure.js';
import { median } from '../report/statistics.js';

const ENDPOINTS = 1_000;
const NETWORKS = 10;
const REPLICAS = 10;

/**
 * A comparison of an agent that has nothing to do, on real kernel links and a real store; the engine's containers are in
 * memory, as the agent keeps them. A link of the node has changed each time, so that all are read again.
 */
export const measureReconcile: Measure = async (_stage, { rounds }) => {
  const tenth = await compare(ENDPOINTS / 10, rounds);
  const whole = await compare(ENDPOINTS, rounds);
  return [
    {
      what: `reconcile with nothing to do, ${ENDPOINTS.toLocaleString('en')} endpoints`,
      unit: 'ms',
      skep: whole,
      peer: `a tenth of them takes ${median(tenth).toFixed(1)} ms`,
      theirs: tenth,
      bar: { relation: '<=', figure: 250 },
    },
  ];
};

/** Milliseconds of each round. Fails when a comparison finds work or starts a process. */
async function compare(endpoints: number, rounds: number): Promise<number[]> {
  const lab = new Lab();
  const agent = await TestAgent.on(lab.host);
  let processes = 0;
  const hook = createHook({ init: (_id, type) => void (type === 'PROCESSWRAP' && processes++) });
  try {
    await project(agent, 'up', { model: model(endpoints) });
    const reconciler = agent.application.app.get(Reconciler);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await lab.host.ip([['link', 'set', 'lo', 'mtu', String(60_000 + round)]]);
      hook.enable();
      const begun = performance.now();
      const { steps } = reconciler.preview((desired) => desired);
      const took = performance.now() - begun;
      hook.disable();
      // The first one warms up.
      if (round > 0) times.push(took);
      if (steps.length > 0) throw internal(`${steps.length} steps where there is nothing to do: ${steps[0]!.id}`);
    }
    if (processes > 0) throw internal(`${processes} processes were started`);
    return times;
  } finally {
    await project(agent, 'down', {});
    await agent.close();
    await lab.close();
  }
}

async function project(agent: TestAgent<Host>, verb: 'up' | 'down', body: object): Promise<void> {
  const { text } = await request(agent.server).post(`/skep/v1/projects/bench/${verb}`).send(body).expect(200);
  const last = text.trim().split('\n').at(-1)!;
  if (!(JSON.parse(last) as { ok?: boolean }).ok) throw internal(`${verb}: ${last}`);
}

/** Services of so many endpoints in all, each on one of the networks. */
function model(endpoints: number): object {
  const named = <T>(count: number, prefix: string, make: (index: number) => T) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, make(index)]));
  return {
    name: 'bench',
    services: named(endpoints / REPLICAS, 'service', (index) => ({
      image: 'demo',
      networks: { [`net${index % NETWORKS}`]: null },
      deploy: { replicas: REPLICAS },
    })),
    networks: named(NETWORKS, 'net', (index) => ({ name: `bench_net${index}` })),
  };
}
