import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGISTRY_USER, ScratchRegistry } from '../../libs/engine/src/testing/scratch-registry.js';
import { ask } from './compare/api.js';
import { DEMO_IMAGE } from './harness/image.js';
import { run } from './harness/process.js';
import { ENGINE } from './harness/node.js';
import { useWorld } from './harness/world.js';

const { username, password } = REGISTRY_USER;
/** The tests' Docker Engine is a machine of its own without networks: it reaches no registry. */
const offline = ENGINE === 'docker';

/** Credentials from the client's configuration to the registry and nowhere else. */
describe.skipIf(offline)('a registry with users, by the docker CLI', () => {
  const world = useWorld();
  let registry: ScratchRegistry;
  let repository: string;
  /** DOCKER_CONFIG of somebody who logs in, and of somebody who does not */
  let config: string;

  beforeAll(async () => {
    registry = await ScratchRegistry.start(world.node.machine, { users: true });
    repository = `${registry.address}/team/demo`;
    config = `${world.node.folder}-login`;
    await mkdir(config);
  });
  afterAll(async () => {
    await registry?.stop();
    await run('rm', ['-rf', config]);
  });

  const docker = (args: string[], input?: string) => world.node.docker(args, { input, env: { DOCKER_CONFIG: config } });
  const must = async (...args: string[]) => {
    const { code, stdout, stderr } = await docker(args);
    expect(code, `docker ${args.join(' ')}: ${stdout}${stderr}`).toBe(0);
    return stdout.trim();
  };
  const login = (word: string) => docker(['login', '-u', username, '--password-stdin', registry.address], word);
  const auth = (word: string) => Buffer.from(JSON.stringify({ username, password: word })).toString('base64url');
  /** GET /distribution/NAME/json, as `docker service create` and others ask it. */
  const about = (name: string, word = password) =>
    ask(world.node.socket, 'GET', `/distribution/${name}/json`, undefined, { 'X-Registry-Auth': auth(word) });

  it('takes no wrong password, and nobody without one', async () => {
    expect((await login('wrong')).stderr).toContain(
      `login attempt to http://${registry.address}/v2/ failed with status: 401 Unauthorized`,
    );
    await must('tag', DEMO_IMAGE, `${repository}:1`);
    expect((await docker(['push', `${repository}:1`])).stderr).toMatch(
      /no basic auth credentials|authentication required/,
    );
  });

  it('is pushed to by who logged in, one tag or all', async () => {
    expect((await login(password)).stdout).toContain('Login Succeeded');
    await must('tag', DEMO_IMAGE, `${repository}:2`);
    expect(await must('push', '-q', `${repository}:1`)).toBe(`${repository}:1`);
    const pushed = await must('push', '--all-tags', repository);
    for (const tag of ['1', '2'])
      expect(pushed).toMatch(new RegExp(`^${tag}: digest: sha256:[0-9a-f]{64} size: `, 'm'));
  });

  it('is pulled from: a tag, all of them, a digest, and not what is missing', async () => {
    await must('rmi', `${repository}:1`, `${repository}:2`);
    const pulled = await must('pull', '--all-tags', repository);
    expect(pulled).toMatch(/^1: Pulling from team\/demo$/m);
    expect(pulled).toMatch(/^2: Pulling from team\/demo$/m);
    expect(pulled).toContain(`Status: Downloaded newer image for ${repository}\n`);
    const { digest } = ((await about(`${repository}:1`)).body as Distribution).Descriptor;
    await must('rmi', `${repository}:1`, `${repository}:2`);
    const byDigest = await must('pull', `${repository}@${digest}`);
    expect(byDigest).toContain(`Digest: ${digest}\nStatus: Image is up to date for ${repository}@${digest}`);
    expect(await must('run', '--rm', `${repository}@${digest}`, 'echo', 'ran')).toBe('ran');
    expect((await docker(['pull', `${repository}:3`])).stderr).toContain(
      `manifest for ${repository}:3 not found: manifest unknown: manifest unknown`,
    );
  });

  it('says what it has without a pull', async () => {
    const { status, body } = await about(`${repository}:2`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      Descriptor: { mediaType: expect.stringContaining('manifest'), size: expect.any(Number) },
      Platforms: [{ architecture: expect.any(String), os: 'linux' }],
    });
    expect(await about(`${repository}:nope`)).toMatchObject({ status: 404 });
    expect(await about(`${repository}:1`, 'wrong')).toMatchObject({ status: 401 });
  });

  it('gives builds their base images', async () => {
    await must('rmi', `${repository}:1`, `${repository}:2`).catch(() => '');
    await writeFile(join(config, 'Dockerfile'), `FROM ${repository}:1\nLABEL based=1\n`);
    await must('build', '-q', '-t', 'based:1', config);
    expect(await must('image', 'inspect', 'based:1', '-f', '{{.Config.Labels.based}}')).toBe('1');
  });

  it('is pulled from by skep up, as who logged in and not as anybody else', async () => {
    const file = join(config, 'compose.yaml');
    await writeFile(
      file,
      JSON.stringify({ name: 'private', services: { web: { image: `${repository}:2`, command: 'idle' } } }),
    );
    await must('rmi', '-f', `${repository}:2`);
    const up = (folder: string) => world.node.skep(['-f', file, 'up', '-d'], 60_000, { DOCKER_CONFIG: folder });
    const refused = await up(world.node.folder);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('authentication required')]);
    const done = await up(config);
    expect(done.code, done.stderr).toBe(0);
    expect(await must('ps', '--format', '{{.Names}} {{.Image}}')).toBe(`private-web-1 ${repository}:2`);
    expect((await world.node.skep(['-f', file, 'down'])).code).toBe(0);
  });

  it('leaves no password behind, after a log-out too', async () => {
    await must('logout', registry.address);
    expect((await docker(['pull', `${repository}:1`])).stderr).toContain('authentication required');
    const words = [password, Buffer.from(`${username}:${password}`).toString('base64')].flatMap((word) => ['-e', word]);
    const files = ['--include=*.log', '--include=*.json', '--include=*.db*', '--include=auth*'];
    expect((await run('grep', ['-rlF', ...files, ...words, world.node.folder])).stdout).toBe('');
  });
});

interface Distribution {
  Descriptor: { digest: string };
}
