import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from '../measure.js';
import { SERVICES, Sleepers } from '../stage/sleepers.js';
import { takeTurns } from '../turns.js';
import { type Inside, p99, throughput } from './dnsperf.js';
import { Unbound } from './unbound.js';

/** Questions per second at which times to an answer are compared; far below what either can take. */
const PACE = 5_000;
const PEER = "Docker Engine's embedded DNS";

/** A client inside one container of the project asks for the addresses of all its services. */
export const measureDns: Measure = async (stage, { rounds }) => {
  const sleepers = new Sleepers(stage);
  const scratch = await mkdtemp(join(tmpdir(), 'skep-bench-dns-'));
  const questions = join(scratch, 'questions');
  const client = SERVICES[0]!;
  let unbound: Unbound | undefined;
  try {
    await writeFile(questions, SERVICES.map((name) => `${name} A\n`).join(''));
    await Promise.all([sleepers.upOnSkep(), sleepers.upOnDocker()]);
    const { id } = await sleepers.onSkep.container(client);
    const dockerId = await sleepers.dockerId(client);
    const inSkep: Inside = (command, args) => stage.node.inSandbox(id, command, args);
    const inDocker: Inside = (command, args) => stage.docker.inSandbox(dockerId, command, args);

    unbound = await Unbound.create(scratch, SERVICES);
    const inUnbound = unbound.inside;

    const rates = await takeTurns(rounds, {
      skep: () => throughput(inSkep, questions),
      docker: () => throughput(inDocker, questions),
      unbound: () => throughput(inUnbound, questions),
    });
    const delays = await takeTurns(rounds, {
      skep: () => p99(inSkep, questions, PACE),
      docker: () => p99(inDocker, questions, PACE),
    });
    return [
      {
        what: 'DNS questions per second, owned names, 8 sockets',
        unit: 'questions/s',
        skep: rates.skep,
        peer: PEER,
        theirs: rates.docker,
        bar: { relation: '>=', ratio: 2 },
      },
      {
        what: 'DNS questions per second, owned names, 8 sockets',
        unit: 'questions/s',
        skep: rates.skep,
        peer: 'unbound, static data, one thread',
        theirs: rates.unbound,
        bar: { relation: '>=', ratio: 1 },
      },
      {
        what: `DNS p99 at ${PACE} questions per second`,
        unit: 'ms',
        skep: delays.skep,
        peer: PEER,
        theirs: delays.docker,
        bar: { relation: '<', ratio: 1 },
      },
    ];
  } finally {
    await Promise.allSettled([
      unbound?.remove(),
      sleepers.downOnSkep(),
      sleepers.downOnDocker(),
      rm(scratch, { recursive: true }),
    ]);
  }
};
