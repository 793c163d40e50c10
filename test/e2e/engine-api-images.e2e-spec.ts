import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScratchRegistry } from '../../libs/engine/src/testing/scratch-registry.js';
import { DEMO_IMAGE } from './harness/image.js';
import { ENGINE } from './harness/node.js';
import { useWorld } from './harness/world.js';

/** The tests' Docker Engine is a machine of its own without networks: it reaches no registry, and builds have none. */
const offline = ENGINE === 'docker';

/** Images, builds and volumes, as the docker CLI has them. */
describe('images by the docker CLI', () => {
  const world = useWorld();
  let registry: ScratchRegistry;

  beforeAll(async () => {
    registry = await ScratchRegistry.start(world.node.machine);
  });
  afterAll(() => registry?.stop());

  const docker = (...args: string[]) => world.node.docker(args);
  const must = async (...args: string[]) => (await world.node.mustDocker(args)).trim();
  const refusal = async (...args: string[]) => {
    const { code, stderr } = await docker(...args);
    expect(code, args.join(' ')).not.toBe(0);
    return stderr.trim();
  };
  const names = async () => (await must('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
  const build = async (dockerfile: string, ...args: string[]) => {
    const context = join(world.node.folder, 'context');
    await mkdir(context, { recursive: true });
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    await writeFile(join(context, 'file'), 'of the context\n');
    return docker('build', ...args, context);
  };

  it('says what it is', async () => {
    expect(await must('version', '--format', '{{.Server.Version}} {{.Server.APIVersion}}')).toMatch(/^\S+ 1\.51$/);
    expect(await must('info', '--format', '{{.Swarm.LocalNodeState}} {{json .Plugins.Network}}')).toMatch(
      /^inactive .*"nat"/,
    );
    expect(await refusal('node', 'ls')).toContain('This node is not a swarm manager.');
    expect(await refusal('swarm', 'leave')).toContain('This node is not part of a swarm');
  });

  it.skipIf(offline)('tags, pushes, removes, pulls, and runs what is absent from a registry', async () => {
    const name = `${registry.address}/some/demo`;
    await build(`FROM ${DEMO_IMAGE}\nLABEL pushed=1\n`, '-t', `${name}:1`);
    const pushed = await must('push', `${name}:1`);
    expect(pushed).toContain(`The push refers to repository [${name}]`);
    const digest = /1: digest: (sha256:[0-9a-f]{64}) size: \d+/.exec(pushed)?.[1];
    expect(await must('rmi', `${name}:1`)).toMatch(new RegExp(`^Untagged: ${name}:1\nDeleted: sha256:`));
    expect(await names()).not.toContain(`${name}:1`);
    const pulled = await must('pull', `${name}:1`);
    expect(pulled.split('\n')[0]).toBe('1: Pulling from some/demo');
    expect(pulled).toContain(`Digest: ${digest}\nStatus: Downloaded newer image for ${name}:1\n${name}:1`);
    expect(await must('pull', `${name}:1`)).toContain(`Status: Image is up to date for ${name}:1`);
    await must('rmi', `${name}:1`);
    const { stdout, stderr } = await docker('run', '--rm', `${name}:1`, 'echo', 'hello');
    expect(stdout).toBe('hello\n');
    expect(stderr).toContain(`Unable to find image '${name}:1' locally`);
  });

  it.skipIf(offline)('refuses in the words that tools match', async () => {
    const absent = `${registry.address}/absent`;
    expect(await refusal('pull', absent)).toContain(
      `manifest for ${absent}:latest not found: manifest unknown: manifest unknown`,
    );
    expect(await refusal('run', '--rm', absent)).toContain('manifest unknown');
    expect(await refusal('pull', '127.0.0.1:1/absent')).toContain('connection refused');
    expect(await refusal('push', absent)).toBe(`An image does not exist locally with the tag: ${absent}`);
    for (const args of [
      ['rmi', 'absent'],
      ['tag', 'absent', 'other'],
      ['history', 'absent'],
    ]) {
      expect(await refusal(...args)).toBe('Error response from daemon: No such image: absent:latest');
    }
  });

  it('lists by filters, and inspects', async () => {
    await must('tag', DEMO_IMAGE, 'listed/demo:2');
    expect(await must('images', '-q', 'listed/*')).toBe(await must('images', '-q', DEMO_IMAGE));
    expect(await must('images', '--filter', 'reference=listed/demo', '--format', '{{.Tag}}')).toBe('2');
    expect(await must('images', '-q', '--filter', 'label=nobody')).toBe('');
    expect(await must('image', 'inspect', 'listed/demo:2', '--format', '{{json .RepoTags}}')).toContain(
      '"listed/demo:2"',
    );
    expect(await must('history', '-q', '--no-trunc', DEMO_IMAGE)).toBe(
      await must('image', 'inspect', DEMO_IMAGE, '--format', '{{.Id}}'),
    );
    await must('rmi', 'listed/demo:2');
  });

  it('lists images without a name to clients of any age', async () => {
    await build(`FROM ${DEMO_IMAGE}\nLABEL nameless=1\n`);
    const filter = encodeURIComponent(JSON.stringify({ label: ['nameless'] }));
    const none = { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };
    for (const [version, names] of [
      ['1.42', none],
      ['1.43', { RepoTags: [], RepoDigests: [] }],
    ] as const) {
      expect(await world.node.json(`/v${version}/images/json?filters=${filter}`)).toMatchObject([names]);
      const { Images } = await world.node.json<{ Images: unknown[] }>(`/v${version}/system/df?type=image`);
      expect(Images).toContainEqual(expect.objectContaining(names));
    }
    await must('image', 'prune', '-f');
  });

  it('saves, loads and imports', async () => {
    const tar = join(world.node.folder, 'saved.tar');
    await must('tag', DEMO_IMAGE, 'saved:1');
    await must('save', '-o', tar, DEMO_IMAGE, 'saved:1');
    await must('rmi', 'saved:1');
    expect(await must('load', '-i', tar)).toContain('Loaded image: saved:1');
    expect(await must('load', '-i', tar)).toContain(`Loaded image: ${DEMO_IMAGE}`);
    await must('create', '--name', 'exported', DEMO_IMAGE, 'idle');
    await must('export', '-o', tar, 'exported');
    const id = await must('import', '--change', 'CMD ["idle"]', tar, 'imported:3');
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await must('image', 'inspect', 'imported:3', '--format', '{{.Id}} {{.Config.Cmd}}')).toBe(`${id} [idle]`);
    await must('rm', 'exported');
    await must('rmi', 'imported:3', 'saved:1');
  });

  it.skipIf(offline)('builds with a network of its own, with arguments, labels and targets', async () => {
    const dockerfile = `FROM ${DEMO_IMAGE} AS base
ARG WHO=nobody
RUN echo "made for $WHO" > /made && ip -4 addr show eth0 > /address
FROM base AS last
COPY file /file
CMD ["cat", "/made", "/file", "/address"]
`;
    const { code, stdout } = await build(dockerfile, '-t', 'built:1', '--build-arg', 'WHO=me', '--label', 'a=b');
    expect(code).toBe(0);
    expect(stdout).toContain(`Step 1/3 : FROM ${DEMO_IMAGE} AS base\n`);
    expect(stdout).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged built:1\n$/);
    const printed = await must('run', '--rm', 'built:1');
    expect(printed).toContain('made for me\nof the context');
    expect(printed).toMatch(/inet \d+\.\d+\.\d+\.\d+\//);
    expect(await must('image', 'inspect', 'built:1', '--format', '{{.Config.Labels.a}}')).toBe('b');
    expect((await build(dockerfile, '-q', '--build-arg', 'WHO=me', '--label', 'a=b')).stdout).toMatch(
      /^sha256:[0-9a-f]{64}\n$/,
    );
    expect(await must('ps', '-aq')).toBe('');
  });

  it.skipIf(offline)(
    'builds with hosts and limits of its own, and with the default of an argument without a value',
    async () => {
      const dockerfile = `FROM ${DEMO_IMAGE}
ARG ABSENT_HERE=default
RUN cat /etc/hosts > /hosts && ulimit -n > /limit && echo "the $ABSENT_HERE" > /argument
CMD ["cat", "/hosts", "/limit", "/argument"]
`;
      const hosts = ['--add-host', 'db:10.0.0.5', '--add-host', 'six:fd00::5', '--add-host', 'node:host-gateway'];
      const limits = ['--ulimit', 'nofile=1000:2000', '--cache-from', 'reg.example/app:latest'];
      const argument = ['--build-arg', 'ABSENT_HERE'];
      const { code, stderr } = await build(dockerfile, '-t', 'hosted:1', ...hosts, ...limits, ...argument);
      expect(code, stderr).toBe(0);
      const printed = await must('run', '--rm', 'hosted:1');
      const gateway = await must('network', 'inspect', 'nat', '--format', '{{(index .IPAM.Config 0).Gateway}}');
      expect(printed).toMatch(/^10\.0\.0\.5\s+db$/m);
      expect(printed).toMatch(/^fd00::5\s+six$/m);
      expect(printed).toMatch(new RegExp(`^${gateway}\\s+node$`, 'm'));
      expect(printed).toMatch(/^1000\nthe default$/m);
      await must('rmi', 'hosted:1');
    },
  );

  it.skipIf(offline)("builds without a network and with the node's", async () => {
    const dockerfile = `FROM ${DEMO_IMAGE}\nRUN ip -o link | grep -c . > /links\nCMD ["cat", "/links"]\n`;
    expect((await build(dockerfile, '-t', 'alone:1', '--network', 'none')).code).toBe(0);
    expect(await must('run', '--rm', 'alone:1')).toBe('1');
    expect((await build(dockerfile, '-t', 'open:1', '--no-cache', '--network', 'host')).code).toBe(0);
    expect(Number(await must('run', '--rm', 'open:1'))).toBeGreaterThan(1);
    expect((await build(dockerfile, '--network', 'absent')).stderr).toContain('network absent not found');
    await must('rmi', 'alone:1', 'open:1');
  });

  it('records the names that a build gives', async () => {
    const since = String(Date.now() / 1000);
    const built = await build(`FROM ${DEMO_IMAGE}\nLABEL told=1\n`, '-t', 'told:1', '-t', 'told', '-q');
    const moments = ['--since', since, '--until', String(Date.now() / 1000)];
    const format = '{{.Actor.ID}} {{.Actor.Attributes.name}}';
    const told = await must('events', ...moments, '--filter', 'event=tag', '--format', format);
    const id = built.stdout.trim();
    expect(told.split('\n')).toEqual([`${id} told:1`, `${id} told:latest`]);
    await must('rmi', 'told:1', 'told');
  });

  it("ends a failed build with its command's code", async () => {
    const { code, stderr } = await build(`FROM ${DEMO_IMAGE}\nRUN exit 7\n`, '-t', 'broken:1');
    expect(code).toBe(7);
    expect(stderr).toContain("The command '/bin/sh -c exit 7' returned a non-zero code: 7");
    expect(await names()).not.toContain('broken:1');
    const quiet = await build(`FROM ${DEMO_IMAGE}\nRUN echo why; exit 7\n`, '-q');
    expect([quiet.code, quiet.stdout]).toEqual([7, '']);
    expect(quiet.stderr).toMatch(/^why$/m);
    expect(quiet.stderr).toMatch(/^The command '\/bin\/sh -c echo why; exit 7' returned a non-zero code: 7$/m);
  });

  it('keeps images that containers need', async () => {
    await must('tag', DEMO_IMAGE, 'needed:1');
    await build(`FROM ${DEMO_IMAGE}\nLABEL own=1\nCMD ["idle"]\n`, '-t', 'own:1');
    const container = (await must('run', '-d', '--name', 'needs', 'own:1')).slice(0, 12);
    const image = (await must('images', '-q', 'own:1')).trim();
    expect(await refusal('rmi', 'own:1')).toContain(
      `conflict: unable to remove repository reference "own:1" (must force) - container ${container} is using its referenced image ${image}`,
    );
    expect(await refusal('rmi', '-f', image)).toContain(
      `conflict: unable to delete ${image} (cannot be forced) - image is being used by running container ${container}`,
    );
    await must('commit', '-m', 'kept', 'needs', 'committed:1');
    expect(await must('image', 'inspect', 'committed:1', '--format', '{{.Comment}}')).toBe('kept');
    expect(await must('rmi', '-f', 'own:1')).toBe('Untagged: own:1');
    expect(await must('ps', '-q')).toBe(container);
    await must('image', 'prune', '-f');
    await must('restart', '-t', '0', 'needs');
    await must('rm', '-f', 'needs');
    expect(await must('rmi', 'needed:1', 'committed:1')).toContain('Untagged: needed:1\nUntagged: committed:1');
    expect(await must('image', 'prune', '-f')).toContain('Total reclaimed space: ');
  });

  it('makes an image of a container: what it was given, its health check, and changes', async () => {
    const since = String(Date.now() / 1000);
    const health = ['--health-cmd', 'test -f /x', '--health-interval', '7s'];
    await must('create', '--name', 'source', '-e', 'FOO=bar', '--hostname', 'own', ...health, DEMO_IMAGE, 'idle');
    const inspect = async (image: string) =>
      JSON.parse(await must('image', 'inspect', image, '--format', '{{json .Config}}')) as Record<string, unknown>;
    const nameless = () => must('images', '--all', '--quiet', '--filter', 'dangling=true');
    const before = await nameless();
    const id = await must('commit', '-m', 'as it is', 'source', 'made:1');
    const made = await inspect('made:1');
    expect([made['Env'], made['Cmd']]).toEqual([['FOO=bar'], ['idle']]);
    expect(made['Healthcheck']).toMatchObject({ Test: ['CMD-SHELL', 'test -f /x'], Interval: 7e9 });
    const changes = ['ENV A=1', 'HEALTHCHECK --retries=2 CMD ["true"]', 'ONBUILD RUN touch /built', 'LABEL k=v'];
    await must('commit', ...changes.flatMap((change) => ['-c', change]), 'source', 'made:2');
    expect((await inspect('made:2'))['Env']).toEqual(expect.arrayContaining(['FOO=bar', 'A=1']));
    expect((await inspect('made:2'))['Labels']).toMatchObject({ k: 'v' });
    expect((await inspect('made:2'))['Healthcheck']).toMatchObject({ Test: ['CMD', 'true'], Retries: 2 });
    expect((await build('FROM made:2\nRUN cat /built\n', '-t', 'made:3')).code).toBe(0);
    expect(await refusal('commit', '-c', 'RUN true', 'source')).toContain('run is not a valid change command');
    const told = ['events', '--since', since, '--until', String(Date.now() / 1000), '--filter', 'event=commit'];
    const [first] = (await must(...told, '--format', '{{json .Actor.Attributes}}')).split('\n');
    expect(JSON.parse(first!)).toMatchObject({ comment: 'as it is', imageID: id, imageRef: 'made:1', name: 'source' });
    await must('rm', 'source');
    await must('rmi', 'made:3', 'made:2', 'made:1');
    expect(await nameless()).toBe(before);
  });

  it('has volumes, and says who uses them', async () => {
    expect(await must('volume', 'create', '--label', 'a=b', 'data')).toBe('data');
    expect(await must('volume', 'ls', '-q', '--filter', 'label=a=b')).toBe('data');
    await must('run', '--rm', '-v', 'data:/data', '-v', '/anonymous', DEMO_IMAGE, 'sh', '-c', 'echo kept > /data/file');
    expect(await must('run', '--rm', '-v', 'data:/data', DEMO_IMAGE, 'cat', '/data/file')).toBe('kept');
    expect(await must('volume', 'ls', '-q')).toBe('data');
    const id = await must('create', '-v', 'data:/data', '-v', '/anonymous', DEMO_IMAGE, 'idle');
    expect(await refusal('volume', 'rm', 'data')).toBe(
      `Error response from daemon: remove data: volume is in use - [${id}]`,
    );
    expect(await must('system', 'df', '--format', '{{.Type}}: {{.TotalCount}}')).toContain('Local Volumes: 2');
    await must('rm', '-v', id);
    expect(await must('volume', 'ls', '-q')).toBe('data');
    expect(await refusal('volume', 'inspect', 'absent')).toContain('get absent: no such volume');
    expect(await must('volume', 'prune', '-f')).not.toContain('data');
    expect(await must('volume', 'prune', '-af')).toContain('data');
    expect(await must('volume', 'ls', '-q')).toBe('');
  });

  it('removes a volume of a project by its row, and nothing makes it again', async () => {
    const file = join(world.node.folder, 'volume.yaml');
    const service = `{image: ${DEMO_IMAGE}, command: idle, volumes: ['data:/data']}`;
    await writeFile(file, `services: {one: ${service}}\nvolumes: {data: {}}\n`);
    const skep = (...args: string[]) => world.node.must(['-p', 'rows', '-f', file, ...args]);
    await skep('up', '-d');
    expect(await must('volume', 'ls', '-q')).toBe('rows_data');
    expect(await must('volume', 'inspect', 'rows_data', '--format', '{{json .Labels}}')).not.toContain('io.skep');
    expect(await refusal('volume', 'rm', 'rows_data')).toContain('remove rows_data: volume is in use - [');
    await skep('down');
    expect(await must('volume', 'ls', '-q')).toBe('rows_data');
    await must('volume', 'rm', 'rows_data');
    await world.node.stop();
    await world.node.start();
    expect(await must('volume', 'ls', '-q')).toBe('');
  });
});
