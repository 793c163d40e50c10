import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import type { Namespace } from '../../test/e2e/harness/namespaces.js';
import type { Measure } from '../measure.js';
import { COMMAND, IMAGE } from '../stage/sleepers.js';
import { takeTurns } from '../turns.js';

const NAME = 'bench-published';
const PUBLISHED = 8090;
const INSIDE = 80;
const SECONDS = 2;
/** As many connections at a time. */
const CLIENTS = 4;

/** New TCP connections of another machine through a published port to a server in a container; the same on both. */
export const measurePorts: Measure = async (stage, { rounds }) => {
  const { node, docker, outside } = stage;
  const servers: ChildProcess[] = [];
  const by = {
    skep: { run: (...args: string[]) => node.mustDocker(args), sandbox: (id: string) => node.sandboxPath(id) },
    docker: { run: (...args: string[]) => docker.docker(...args), sandbox: (id: string) => docker.sandboxPath(id) },
  };
  try {
    for (const { run, sandbox } of Object.values(by)) {
      const asked = ['--detach', '--name', NAME, '--publish', `${PUBLISHED}:${INSIDE}`];
      const id = (await run('run', ...asked, IMAGE, ...COMMAND)).trim();
      servers.push(serveIn(await sandbox(id)));
    }
    const figures = await takeTurns(rounds, {
      skep: () => rate(outside, node.machine.address),
      docker: () => rate(outside, docker.machine.address),
    });
    return [
      {
        what: `new TCP connections per second through a published port, ${CLIENTS} at a time`,
        unit: 'connections/s',
        skep: figures.skep,
        peer: "Docker Engine's published port",
        theirs: figures.docker,
        bar: { relation: '>=', ratio: 1 },
      },
    ];
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    for (const { run } of Object.values(by)) await run('rm', '--force', NAME).catch(() => undefined);
  }
};

const script = (name: string) => join(import.meta.dirname, name);

function serveIn(sandbox: string): ChildProcess {
  const argv = [`--net=${sandbox}`, process.execPath, script('server.mjs'), String(INSIDE)];
  return spawn('nsenter', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Connections per second that all clients together had. */
async function rate(client: Namespace, address: string): Promise<number> {
  const ask = (seconds: number) =>
    client.must(process.execPath, [script('client.mjs'), address, String(PUBLISHED), String(seconds)]);
  const answers = () =>
    ask(0.01).then(
      (count) => Number(count) > 0,
      () => false,
    );
  await waitFor(answers, { ms: 10_000, every: 100, what: `${address}:${PUBLISHED} answers` });
  const counts = await Promise.all(Array.from({ length: CLIENTS }, () => ask(SECONDS)));
  return counts.reduce((sum, count) => sum + Number(count), 0) / SECONDS;
}
