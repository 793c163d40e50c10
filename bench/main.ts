// Measures skep against its peers, prints the table and writes results/DATE.json.
//   node --conditions=source --import ./tools/run-typescript.mjs bench/main.ts [--rounds N] [dns|up|network|compose|memory|run|reconcile|scheduler|throughput|ports|swarm …]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { forbidden, invalid, messageOf } from '#lib/common';
import { measureCompose } from './compose/compose.js';
import { measureDns } from './dns/dns.js';
import type { Comparison, Measure } from './measure.js';
import { measureMemory } from './memory/memory.js';
import { measureNetwork } from './network/network.js';
import { surroundingsOf, writeResults } from './report/file.js';
import { table } from './report/table.js';
import { Stage } from './stage/stage.js';
import { measurePorts } from './ports/ports.js';
import { measureReconcile } from './reconcile/reconcile.js';
import { measureRun } from './run/run.js';
import { measureScheduler } from './scheduler/scheduler.js';
import { measureSwarm } from './swarm/swarm.js';
import { measureThroughput } from './throughput/throughput.js';
import { measureUp } from './up/up.js';

const MEASURES: Record<string, Measure> = {
  dns: measureDns,
  up: measureUp,
  network: measureNetwork,
  compose: measureCompose,
  memory: measureMemory,
  run: measureRun,
  reconcile: measureReconcile,
  scheduler: measureScheduler,
  throughput: measureThroughput,
  ports: measurePorts,
  swarm: measureSwarm,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: 'string', default: '5' } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw invalid(`--rounds ${values.rounds}: a whole number from 1`);
  const known = Object.keys(MEASURES);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`${unknown}: no such measure; there are ${known.join(', ')}`);
  if (process.geteuid?.() !== 0) throw forbidden('the benchmark makes network namespaces: run it as root');

  // Heard from here on, so that a Ctrl-C or SIGTERM at any moment still removes the stage.
  const told = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const interrupted = told.then(() => Promise.reject(new Error('interrupted')));
  interrupted.catch(() => undefined);
  const stage = await Stage.create();
  try {
    const names = positionals.length > 0 ? positionals : known;
    await Promise.race([measureAll(stage, names, rounds), interrupted]);
  } finally {
    await stage.remove();
  }
}

/** A measure that fails is said and left out; the others are made. */
async function measureAll(stage: Stage, names: readonly string[], rounds: number): Promise<void> {
  const surroundings = await surroundingsOf(stage);
  const comparisons: Comparison[] = [];
  for (const name of names) {
    console.error(`${name}: ${rounds} rounds`);
    try {
      comparisons.push(...(await MEASURES[name]!(stage, { rounds })));
    } catch (error) {
      console.error(`${name}: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  }
  if (comparisons.length === 0) return;
  console.log(table(comparisons));
  console.log(await writeResults(surroundings, comparisons));
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(`bench: ${messageOf(error)}`);
    process.exit(1);
  },
);
