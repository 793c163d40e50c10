import { request } from 'node:http';
import { join } from 'node:path';
import { internal } from '#lib/common';
import { TestProject } from '../../test/e2e/harness/project.js';
import type { Comparison, Measure } from '../measure.js';
import { takeTurns, timed } from '../turns.js';

const NAME = 'bench-network';
const FILE = join(import.meta.dirname, 'network.yaml');
const BAR: Comparison['bar'] = { relation: '<=', ratio: 0.5 };

/**
 * A network is made and removed, by command line and over the API. skep's command lines are `up` and `down` of a project
 * that has one network and no container.
 */
export const measureNetwork: Measure = async (stage, { rounds }) => {
  const { node, docker } = stage;
  const project = new TestProject(node, NAME, [FILE]);
  const model: unknown = JSON.parse(await project.must('config', '--format', 'json'));
  const skepApi = async (verb: 'up' | 'down', body: unknown) => {
    const lines = await call(node.socket, 'POST', `/skep/v1/projects/${NAME}/${verb}`, body);
    if (!lines.includes('"ok":true')) throw internal(`${verb} of ${NAME}: ${lines}`);
  };

  const commands = await takeTurns(rounds, {
    skep: () =>
      timed(async () => {
        await project.must('up', '-d');
        await project.must('down');
      }),
    docker: () =>
      timed(async () => {
        await docker.docker('network', 'create', NAME);
        await docker.docker('network', 'rm', NAME);
      }),
  });
  const calls = await takeTurns(rounds, {
    skep: () =>
      timed(async () => {
        await skepApi('up', { model });
        await skepApi('down', {});
      }),
    docker: () =>
      timed(async () => {
        await call(docker.socket, 'POST', '/v1.41/networks/create', { Name: NAME });
        await call(docker.socket, 'DELETE', `/v1.41/networks/${NAME}`);
      }),
  });
  return [
    {
      what: 'network create and remove, command lines',
      unit: 'ms',
      skep: commands.skep,
      peer: 'docker network create and rm',
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
