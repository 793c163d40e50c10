import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGISTRY_USER, ScratchRegistry } from '../../libs/engine/src/testing/scratch-registry.js';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { ENGINE } from './harness/node.js';
import { run } from './harness/process.js';
import { Swarm, tasksOn } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const { username, password } = REGISTRY_USER;
const PORT = 5000;

/** Whoever deploys logged in; the nodes never did. */
// Docker Engine has no network here.
describe.skipIf(ENGINE === 'docker')('services whose image is in a registry with users', () => {
  const world = useWorld(3, (outside) => ({ config: { 'insecure-registries': [`${outside.address}:${PORT}`] } }));
  let swarm: Swarm;
  let registry: ScratchRegistry;
  let image: (tag: number) => string;
  /** DOCKER_CONFIG of who logged in */
  let config: string;

  const docker = (args: string[], input?: string) =>
    swarm.manager.docker(args, { input, env: { DOCKER_CONFIG: config }, timeoutMs: 120_000 });
  const must = async (...args: string[]) => {
    const { code, stdout, stderr } = await docker(args);
    expect(code, `docker ${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
    return `${stdout}${stderr}`.trim();
  };
  const errors = async (service: string) =>
    (await must('service', 'ps', '--no-trunc', '--format', '{{.CurrentState}} | {{.Error}}', service)).split('\n');
  const runsEverywhere = (service: string) =>
    waitFor(
      async () => {
        const found = await Promise.all(world.nodes.map(tasksOn));
        return found.every((tasks) => tasks.filter((task) => task.service === service).length === 1);
      },
      { ms: 60_000, every: 200, what: `${service} runs on every node` },
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${(await errors(service)).join('\n')}`);
    });

  beforeAll(async () => {
    const address = `${world.outside.address}:${PORT}`;
    registry = await ScratchRegistry.start(world.outside, { users: true, address });
    image = (tag) => `${address}/team/demo:${tag}`;
    config = `${world.node.folder}-login`;
    await mkdir(config);
    swarm = await Swarm.found(world.nodes);
    await docker(['login', '-u', username, '--password-stdin', address], password);
    // Tags that no node has.
    for (const tag of [1, 2, 3]) {
      await must('tag', DEMO_IMAGE, image(tag));
      await must('push', '-q', image(tag));
      await must('rmi', image(tag));
    }
  });
  afterAll(async () => {
    await registry?.stop();
    await run('rm', ['-rf', config]);
  });

  it('are rejected without credentials, and say why', async () => {
    const create = ['service', 'create', '-d', '--name', 'web', '--mode', 'global', '--network', 'wide'];
    await must('network', 'create', '-d', 'overlay', 'wide');
    await must(...create, '--restart-delay', '1s', image(1), 'idle');
    await waitFor(
      async () => {
        const rejected = (await errors('web')).filter((line) => line.startsWith('Rejected'));
        return rejected.length >= 3 && rejected.every((line) => line.includes(`pull access denied for`));
      },
      { ms: 60_000, every: 300, what: 'each node rejects it' },
    );
    expect((await errors('web')).find((line) => line.startsWith('Rejected'))).toMatch(
      /pull access denied for \S+\/team\/demo, repository does not exist or may require 'docker login': .*(authentication required|unauthorized)/,
    );
  });

  it('run once they are given: service update --with-registry-auth', async () => {
    await must('service', 'update', '-d', '--with-registry-auth', 'web');
    await runsEverywhere('web');
    expect(await must('service', 'inspect', 'web')).not.toMatch(/auth/i);
  });

  it('keep them: another tag is pulled by an update that has none', async () => {
    await must('service', 'update', '--update-parallelism', '0', '--image', image(2), 'web');
    await runsEverywhere('web');
    const images = await must('service', 'ps', '--filter', 'desired-state=running', '--format', '{{.Image}}', 'web');
    expect(images.split('\n')).toEqual([image(2), image(2), image(2)]);
  });

  it('run what their tag goes to by now, on nodes that have it of before as well: service update --force', async () => {
    const push = async (generation: number) => {
      await must('create', '--name', `generation-${generation}`, DEMO_IMAGE, 'idle');
      await must('commit', '--change', `LABEL generation=${generation}`, `generation-${generation}`, image(4));
      await must('push', '-q', image(4));
      await must('rm', `generation-${generation}`);
    };
    const generations = () =>
      Promise.all(
        world.nodes.map(async (node) => {
          const { stdout: id } = await node.docker(['ps', '-q', '-f', 'label=com.docker.swarm.service.name=moving']);
          const asked = ['inspect', '-f', '{{.Config.Labels.generation}}', id.trim()];
          return (await node.docker(asked)).stdout.trim();
        }),
      );
    await push(1);
    const create = ['service', 'create', '--with-registry-auth', '--no-resolve-image', '--mode', 'global'];
    await must(...create, '--name', 'moving', image(4), 'idle');
    await runsEverywhere('moving');
    expect(await generations()).toEqual(['1', '1', '1']);
    await push(2);
    await must('service', 'update', '--force', '--update-parallelism', '0', 'moving');
    await runsEverywhere('moving');
    expect(await generations()).toEqual(['2', '2', '2']);
    expect(await must('service', 'inspect', 'moving', '-f', '{{.Spec.TaskTemplate.ContainerSpec.Image}}')).toBe(
      image(4),
    );
    await must('service', 'rm', 'moving');
  });

  it('run on every node, with the digest that the registry has: service create --with-registry-auth', async () => {
    await must('service', 'create', '--with-registry-auth', '--name', 'pinned', '--mode', 'global', image(3), 'idle');
    await runsEverywhere('pinned');
    expect(await must('service', 'inspect', 'pinned', '-f', '{{.Spec.TaskTemplate.ContainerSpec.Image}}')).toMatch(
      /\/team\/demo:3@sha256:[0-9a-f]{64}$/,
    );
  });

  it('are deployed as a stack: stack deploy --with-registry-auth', async () => {
    await Promise.all(world.nodes.map((node) => node.docker(['rmi', '-f', image(1)])));
    const file = join(config, 'stack.yaml');
    const worker = { image: image(1), command: 'idle', deploy: { mode: 'global' } };
    await writeFile(file, JSON.stringify({ version: '3.8', services: { worker } }));
    await must('stack', 'deploy', '--detach=true', '--with-registry-auth', '-c', file, 'tour');
    await runsEverywhere('tour_worker');
    await must('stack', 'rm', 'tour');
  });

  it('are deployed by skep as well, with the digest of each: skep stack deploy --with-registry-auth', async () => {
    await Promise.all(world.nodes.map((node) => node.docker(['rmi', '-f', image(1)])));
    const file = join(config, 'stack.yaml');
    const deploy = (...more: string[]) =>
      swarm.manager.skep(['stack', 'deploy', ...more, '-c', file, 'own'], 120_000, { DOCKER_CONFIG: config });
    expect(await deploy('--with-registry-auth', '--wait')).toMatchObject({ code: 0 });
    await runsEverywhere('own_worker');
    const named = ['service', 'inspect', 'own_worker', '-f', '{{.Spec.TaskTemplate.ContainerSpec.Image}}'];
    expect(await must(...named)).toMatch(/\/team\/demo:1@sha256:[0-9a-f]{64}$/);
    await must('stack', 'rm', 'own');
  });

  it('leave nothing of it open: no password in a file, log, database or command of any node', async () => {
    const words = [password, Buffer.from(`${username}:${password}`).toString('base64'), auth()];
    const patterns = words.flatMap((word) => ['-e', word]);
    const files = ['--include=*.log', '--include=*.json', '--include=*.db*', '--include=auth*'];
    for (const { folder } of world.nodes) {
      expect((await run('grep', ['-rlF', ...files, ...patterns, folder])).stdout).toBe('');
    }
  });

  const auth = () => {
    const serveraddress = `${world.outside.address}:${PORT}`;
    return Buffer.from(JSON.stringify({ username, password, serveraddress })).toString('base64url');
  };
});
