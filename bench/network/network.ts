import { request } from 'node:http';
import { internal } from '#lib/common';
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

/** The body that is answered, once all of it is there. */
function call(socketPath: string, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, timeout: 30_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 400) resolve(text);
        else reject(internal(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('timeout', () => sent.destroy(internal(`${method} ${path}: no answer in 30 s`)));
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
