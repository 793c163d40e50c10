import { call } from '../call.js';
import type { Comparison, Measure } from '../measure.js';
import { takeTurns, timed } from '../turns.js';

const NAME = 'bench-network';
const BAR: Comparison['bar'] = { relation: '<=', ratio: 0.5 };

/** A network is made and removed: by the same `docker` command lines, and by the same calls of the API. */
export const measureNetwork: Measure = async ({ node, docker }, { rounds }) => {
  const byCommand = (run: (...args: string[]) => Promise<string>) => () =>
    timed(async () => {
      await run('network', 'create', NAME);
      await run('network', 'rm', NAME);
    });
  const byCall = (socket: string) => () =>
    timed(async () => {
      await call(socket, 'POST', '/v1.41/networks/create', { Name: NAME });
      await call(socket, 'DELETE', `/v1.41/networks/${NAME}`);
    });
  const commands = await takeTurns(rounds, {
    skep: byCommand((...args) => node.mustDocker(args)),
    docker: byCommand((...args) => docker.docker(...args)),
  });
  const calls = await takeTurns(rounds, { skep: byCall(node.socket), docker: byCall(docker.socket) });
  return [
    {
      what: 'network create and remove, command lines',
      unit: 'ms',
      skep: commands.skep,
      peer: 'Docker Engine, the same docker CLI',
      theirs: commands.docker,
      bar: BAR,
    },
    {
      what: 'network create and remove, API',
      unit: 'ms',
      skep: calls.skep,
      peer: "Docker Engine's API",
      theirs: calls.docker,
      bar: BAR,
    },
  ];
};
