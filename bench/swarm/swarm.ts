import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { waitFor } from '#lib/common';
import { type Answered, DnsWatch } from '../../test/e2e/harness/dns-watch.js';
import { type Inside, throughput } from '../dns/dnsperf.js';
import type { Comparison, Measure } from '../measure.js';
import type { Stage } from '../stage/stage.js';
import { takeTurns, timed } from '../turns.js';
import { Contender } from './contender.js';

const SERVICE = 'bench-replicas';
const FEW = 20;
const MANY = 40;
const NETWORK = 'bench-wide';
/** On the overlay network. */
const NAMED = 'bench-named';
const REPLICAS = 5;
/** Milliseconds. What has been removed is not all taken away when it is no longer listed, and the next turn is the other one's. */
const REST = 3_000;
const PEER = "Docker Engine's swarm mode";

/** Both are swarms of one node, driven by the same requests. */
export const measureSwarm: Measure = async (stage, { rounds }) => {
  const both = {
    skep: new Contender('skep', stage.node.socket, stage.node.machine.address),
    docker: new Contender('Docker Engine', stage.docker.socket, stage.docker.machine.address),
  };
  await Promise.all(Object.values(both).map((each) => each.init()));
  try {
    return [...(await replicas(both, rounds)), ...(await names(stage, both, rounds))];
  } finally {
    await Promise.allSettled(Object.values(both).map((each) => each.leave()));
  }
};

type Both = Record<'skep' | 'docker', Contender>;

async function replicas(both: Both, rounds: number): Promise<Comparison[]> {
  const times = { create: pair(), scale: pair(), remove: pair() };
  const live = (who: keyof Both) => async () => {
    const swarm = both[who];
    times.create[who].push(await timed(() => swarm.create(SERVICE, FEW)));
    times.scale[who].push(await timed(() => swarm.scale(SERVICE, MANY)));
    times.remove[who].push(await timed(() => swarm.remove(SERVICE)));
    await setTimeout(REST);
  };
  await takeTurns(rounds, { skep: live('skep'), docker: live('docker') });
  // The round that takeTurns does not count.
  for (const each of Object.values(times)) for (const who of ['skep', 'docker'] as const) each[who].shift();
  return [
    line(`service of ${FEW} replicas, until all run`, 'ms', times.create, 0.4),
    line(`${FEW} replicas to ${MANY}`, 'ms', times.scale, 0.4),
    line(`service of ${MANY} replicas removed`, 'ms', times.remove, 1),
  ];
}

async function names(stage: Stage, both: Both, rounds: number): Promise<Comparison[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'skep-bench-swarm-'));
  const questions = join(scratch, 'questions');
  try {
    await writeFile(questions, `tasks.${NAMED} A\n`);
    for (const swarm of Object.values(both)) {
      await swarm.network(NETWORK);
      await swarm.create(NAMED, REPLICAS, NETWORK);
    }
    const inside = { skep: insideOf(stage.node), docker: insideOf(stage.docker) };
    const first = async (who: keyof Both) => (await both[who].containers(NAMED))[0]!.id;
    const rate = (who: keyof Both) => async () => {
      const id = await first(who);
      return throughput((command, args) => inside[who](id, command, args), questions);
    };
    const rates = await takeTurns(rounds, { skep: rate('skep'), docker: rate('docker') });
    const nodes = { skep: stage.node, docker: stage.docker };
    const age = (who: keyof Both) => () => withdrawal(both[who], nodes[who]);
    const ages = await takeTurns(rounds, { skep: age('skep'), docker: age('docker') });
    return [
      {
        ...line('DNS questions per second on an overlay network', 'questions/s', rates, 2),
        bar: { relation: '>=', ratio: 2 },
      },
      line('replica killed, until no answer has it', 'ms', ages, 1),
    ];
  } finally {
    for (const swarm of Object.values(both)) {
      await swarm.remove(NAMED).catch(() => undefined);
      await swarm.removeNetwork(NETWORK).catch(() => undefined);
    }
    await rm(scratch, { recursive: true });
  }
}

/** A process in a container's network namespace, by the container's id. */
type InsideOf = (id: string, ...rest: Parameters<Inside>) => ReturnType<Inside>;
type SandboxPath = (id: string) => string | Promise<string>;
const insideOf =
  (of: { inSandbox: InsideOf }): InsideOf =>
  (id, command, args) =>
    of.inSandbox(id, command, args);

/**
 * From the death of one replica's first process to the first answer to another replica that lacks its address. A client
 * that lives there asks every 2 ms: the start of a program would take longer than what is measured.
 */
async function withdrawal(swarm: Contender, of: { inSandbox: InsideOf; sandboxPath: SandboxPath }): Promise<number> {
  const [asking, dying] = (await swarm.containers(NAMED)) as [{ id: string }, { id: string; pid: number }];
  const shown = await of.inSandbox(dying.id, 'ip', ['-4', '-o', 'addr', 'show', 'scope', 'global']);
  const address = /10\.\d+\.\d+\.\d+/.exec(shown)![0];
  const watch = await DnsWatch.start(await of.sandboxPath(asking.id), `tasks.${NAMED}`);
  let took: number;
  try {
    const has = ({ addresses }: Answered) => addresses?.includes(address) === true;
    await watch.until(has, 'the replica is answered', 0, 30_000);
    const killed = Date.now();
    process.kill(dying.pid, 'SIGKILL');
    const isGone = (answer: Answered) => answer.addresses !== null && !has(answer);
    took = (await watch.until(isGone, 'the replica is gone', killed, 60_000)).at - killed;
  } finally {
    await watch.stop();
  }
  // The next round begins with as many as this one; Docker goes on for a while to call the dead one running.
  const replaced = async () => {
    const running = await swarm.containers(NAMED);
    return running.length === REPLICAS && running.every(({ id }) => id !== dying.id);
  };
  await waitFor(replaced, { ms: 60_000, every: 50, what: 'its successor' });
  return took;
}

const pair = () => ({ skep: [] as number[], docker: [] as number[] });

function line(what: string, unit: Comparison['unit'], figures: ReturnType<typeof pair>, ratio: number): Comparison {
  return { what, unit, skep: figures.skep, peer: PEER, theirs: figures.docker, bar: { relation: '<=', ratio } };
}
