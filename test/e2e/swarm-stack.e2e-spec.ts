import { existsSync, statfsSync, statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { Namespace, run } from '#lib/lab';
import { useCluster } from './harness/cluster.js';
import { ROOT } from './harness/image.js';

const SAMPLE = join(ROOT, 'docker-compose.samples/swarm/compose.yaml');

/** f_type: include/uapi/linux/magic.h */
const TMPFS_MAGIC = 0x01021994;

describe('a stack on three nodes', () => {
  const cluster = useCluster(3);
  let outside: Namespace;
  let calm: string;

  /** Ids of running containers of a service, with the node that each is on. */
  async function containersOf(service: string) {
    const found = await Promise.all(
      cluster.nodes.map(async (node) => {
        const format = ['--filter', `label=com.docker.swarm.service.name=${service}`, '--format', '{{.ID}}'];
        return (await cluster.dockerOn(node, ['ps', ...format]))
          .split('\n')
          .filter((id) => id !== '')
          .map((id) => ({ id, node }));
      }),
    );
    return found.flat();
  }

  const inside = async (service: string, ...command: string[]) => {
    const [one] = await containersOf(service);
    return cluster.dockerOn(one!.node, ['exec', one!.id, ...command]);
  };
  const execRootOf = ({ dockerHost }: { dockerHost: string }) => dirname(new URL(dockerHost).pathname);
  const secretsOf = (node: { dockerHost: string }) => join(execRootOf(node), 'secrets');
  const deploy = (...args: string[]) =>
    cluster.skep('stack', 'deploy', '--resolve-image', 'never', '--wait', '-c', SAMPLE, '-c', calm, ...args, 'tour');

  beforeAll(async () => {
    // What is started is looked at as often as the sample says, and then left alone.
    calm = join(cluster.folder, 'calm.yaml');
    await writeFile(calm, 'services: {web: {healthcheck: {interval: 1m}}}\n');
    const tag = /\/run\/([^/]+)\//.exec(cluster.nodes[0]!.dockerHost)![1]!;
    outside = Namespace.at(`${tag}-out`, '');
  });

  it('is what its files, .env and the environment say', async () => {
    const extra = join(cluster.folder, 'more.yaml');
    await writeFile(extra, 'services: {worker: {labels: {tier: back}, deploy: {replicas: 2}}}\n');
    await deploy('-c', extra);
    expect(await cluster.docker('stack', 'ls', '--format', '{{.Name}} {{.Services}}')).toBe('tour 5');
    const services = await cluster.docker('stack', 'services', 'tour', '--format', '{{.Name}} {{.Mode}} {{.Replicas}}');
    expect(services.split('\n').sort()).toEqual([
      'tour_client replicated 1/1',
      'tour_database replicated 1/1',
      'tour_gateway replicated 2/2',
      'tour_web replicated 6/6',
      'tour_worker replicated 2/2',
    ]);
    expect(await inside('tour_client', 'cat', '/etc/greeting')).toBe('Hello from the swarm.');
    expect(await inside('tour_client', 'nslookup', '-type=a', 'web')).toMatch(/(10\.61\.0\.\d+[^]*){6}/);
    await expect(inside('tour_client', 'nslookup', '-type=a', 'database')).rejects.toThrow();
    for (const { address } of cluster.nodes) {
      const answered = async () => (await outside.get(`http://${address}:8080/`))?.includes('eth0: 10.61.0.');
      await waitFor(answered, { ms: 15_000, every: 100, what: `web is reached by ${address}` });
    }
  });

  it("keeps its tasks when Docker's own client sends its services back with another number or label", async () => {
    const idsOf = async (service: string) => (await containersOf(service)).map(({ id }) => id).sort();
    const [workers, web, client] = [await idsOf('tour_worker'), await idsOf('tour_web'), await idsOf('tour_client')];
    // Both wait until the service has converged.
    await cluster.docker('service', 'scale', 'tour_worker=3');
    await cluster.docker('service', 'update', '--no-resolve-image', '--label-add', 'seen=yes', 'tour_web');
    await cluster.docker('service', 'update', '--no-resolve-image', '--label-add', 'seen=yes', 'tour_client');
    expect(await idsOf('tour_worker')).toEqual(expect.arrayContaining(workers));
    expect(await idsOf('tour_worker')).toHaveLength(3);
    expect(await idsOf('tour_web')).toEqual(web);
    expect(await idsOf('tour_client')).toEqual(client);
  });

  it('shows what its tasks wrote, on whichever node', async () => {
    const say = 'echo "out of $(hostname)"; echo err >&2; idle';
    const create = ['service', 'create', '-d', '--no-resolve-image', '--name', 'talk', '--replicas', '3'];
    await cluster.docker(...create, 'skep/demo:1', 'sh', '-c', say);
    const lines = async (command: 'docker' | 'skep', ...options: string[]) => {
      const { stdout, stderr, code } =
        command === 'docker'
          ? await cluster.tryDocker(['service', 'logs', ...options, 'talk'])
          : await cluster.trySkep(['service', 'logs', ...options, 'talk']);
      expect({ code, stderr: command === 'docker' ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      return `${stdout}${command === 'docker' ? stderr : ''}`.split('\n').filter((line) => line !== '');
    };
    await waitFor(async () => (await lines('docker')).length === 6, { ms: 30_000, every: 300, what: 'lines of all' });
    const all = (await lines('docker')).map((line) => line.replace(/\.[0-9a-z]{12}@/, '@').replace(/ +\| /, ' | '));
    expect(all.filter((line) => line.endsWith(' | err'))).toHaveLength(3);
    expect(new Set(all.map((line) => line.split('@')[1]!.split(' ')[0]))).toEqual(new Set(['node1', 'node2', 'node3']));
    expect(await lines('docker', '--tail', '1')).toHaveLength(3);
    expect(await lines('skep')).toHaveLength(6);
    expect((await lines('skep', '-t', '-n', '1'))[0]).toMatch(
      /^talk\.\d\.[0-9a-z]{12}@node\d +\| 2\d{3}-\d\d-\S+Z err$/,
    );
    const [task] = (await cluster.docker('service', 'ps', '-q', '--no-trunc', 'talk')).split('\n');
    expect(await cluster.docker('service', 'logs', '--raw', task!)).toMatch(/^out of [0-9a-f]{12}$/m);
    const follow = await cluster.tryDocker(['service', 'logs', '--since', '2100-01-01', 'talk']);
    expect(follow).toMatchObject({ code: 0, stdout: '', stderr: '' });
    await cluster.docker('service', 'rm', 'talk');
    const typed = ['--name', 'typed', '--tty', 'skep/demo:1', 'sh', '-c', 'echo on a terminal; idle'];
    await cluster.docker('service', 'create', '-d', '--no-resolve-image', ...typed);
    // Docker's client wants to be told that nothing will stand in front of the lines.
    for (const logs of [
      () => cluster.tryDocker(['service', 'logs', '--raw', 'typed']),
      () => cluster.trySkep(['service', 'logs', 'typed']),
    ]) {
      const said = async () => (await logs()).stdout.includes('on a terminal\r\n');
      await waitFor(said, { ms: 30_000, every: 300, what: 'what was written to a terminal' });
    }
    await cluster.docker('service', 'rm', 'typed');
  });

  it('has secrets in memory alone, exchanges them with the tasks, and leaves none behind', async () => {
    const node = cluster.nodes[0]!;
    const [execRoot, secrets] = [execRootOf(node), secretsOf(node)];
    // A disk is everything that is no tmpfs.
    const disks = [cluster.folderOf(node.name), execRoot].filter((path) => statfsSync(path).type !== TMPFS_MAGIC);
    const find = (text: string, roots: string[]) =>
      run('find', [...roots, '-ignore_readdir_race', '-xdev', '-type', 'f', '-exec', 'grep', '-ls', text, '{}', ';']);
    // Folders of containers that go while it looks make it fail: it looks again.
    const holding = async (text: string, ...roots: string[]) => {
      const seen = async () => {
        const { code, stdout } = await find(text, roots);
        return code === 0 && { files: stdout.trim() };
      };
      const what = `all files of ${roots.join(', ')} are seen`;
      return (await waitFor(seen, { ms: 20_000, every: 100, what })).files;
    };
    const secret = (name: string, input: string) => cluster.dockerOn(node, ['secret', 'create', name, '-'], { input });
    await secret('first', 'first-in-clear');
    await secret('second', 'second-in-clear');
    const create = ['service', 'create', '-d', '--no-resolve-image', '--name', 'vault', '--stop-grace-period', '1s'];
    const where = ['--constraint', 'node.role==manager', '--secret', 'source=first,target=key,uid=65534,mode=0400'];
    await cluster.docker(...create, ...where, 'skep/demo:1', 'idle');
    const shows = (text: string) =>
      waitFor(async () => (await inside('vault', 'cat', '/run/secrets/key').catch(() => '')) === text, {
        ms: 20_000,
        every: 100,
        what: `the task of vault has ${text}`,
      });
    await shows('first-in-clear');
    expect(await inside('vault', 'ls', '-ln', '/run/secrets/key')).toMatch(/^-r--------\s+1 65534 /);
    expect(statfsSync(secrets).type).toBe(TMPFS_MAGIC);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    expect(await holding('first-in-clear', secrets)).toContain(secrets);
    expect(await holding('first-in-clear', ...disks)).toBe('');

    const swap = ['--secret-rm', 'first', '--secret-add', 'source=second,target=key'];
    await cluster.docker('service', 'update', '-d', '--no-resolve-image', ...swap, 'vault');
    await shows('second-in-clear');
    expect(await holding('second-in-clear', ...disks)).toBe('');
    await cluster.docker('service', 'rm', 'vault');
    const gone = async () => (await holding('in-clear', secrets)) === '';
    await waitFor(gone, { ms: 20_000, every: 100, what: 'neither content is left in memory' });
    expect(await holding('in-clear', ...disks)).toBe('');
    await cluster.docker('secret', 'rm', 'first', 'second');
  });

  it('has its configs sealed on the disk of the manager', async () => {
    const id = await cluster.docker('config', 'ls', '-q', '--filter', 'name=tour_greeting');
    const format = ['--format', '{{json .Spec.Data}}'];
    const data = JSON.parse(await cluster.docker('config', 'inspect', ...format, id)) as string;
    expect(Buffer.from(data, 'base64').toString()).toBe('Hello from the swarm.\n');
    expect(await inside('tour_client', 'cat', '/etc/greeting')).toBe('Hello from the swarm.');
    const folder = join(cluster.folderOf(cluster.nodes[0]!.name), 'data', 'swarm');
    const files = (await readdir(folder)).filter((name) => name.startsWith('cluster.db'));
    expect(files).toContain('cluster.db');
    for (const name of files) expect((await readFile(join(folder, name))).includes(data), name).toBe(false);
  });

  it('keeps what did not change, prunes what is gone, and refuses what cannot be changed', async () => {
    const before = (await containersOf('tour_web')).map(({ id }) => id).sort();
    const fewer = join(cluster.folder, 'fewer.yaml');
    await writeFile(fewer, 'services: {worker: !reset null}\n');
    await deploy('-c', fewer, '--prune');
    expect((await containersOf('tour_web')).map(({ id }) => id).sort()).toEqual(before);
    await waitFor(async () => (await containersOf('tour_worker')).length === 0, { ms: 20_000, what: 'worker to go' });

    const tryDeploy = (env: Record<string, string>, text = '{}') =>
      writeFile(fewer, text).then(() =>
        cluster.trySkep(['stack', 'deploy', '-c', SAMPLE, '-c', fewer, 'tour'], { env: { ...process.env, ...env } }),
      );
    expect((await tryDeploy({ DATABASE_PASSWORD: 'another' })).stderr).toContain(
      'tour_password has another content now, and contents never change',
    );
    const moved = 'networks: {front: {ipam: {config: !override [{subnet: 10.62.0.0/24}]}}}';
    expect((await tryDeploy({}, moved)).stderr).toContain('has the subnet 10.61.0.0/24, the file says 10.62.0.0/24');
    const absent = 'networks: {back: !override {external: true, name: nowhere}}';
    expect((await tryDeploy({}, absent)).stderr).toContain('network nowhere is external');
  });

  it('is gone when rm returns, so that it can be deployed at once', async () => {
    const fixed = join(cluster.folder, 'fixed.yaml');
    await writeFile(fixed, 'services: {client: {networks: {front: {ipv4_address: 10.61.0.99}}}}\n');
    await cluster.skep('stack', 'rm', 'tour');
    expect(await cluster.docker('network', 'ls', '-q', '--filter', 'label=com.docker.stack.namespace=tour')).toBe('');
    expect(await cluster.docker('secret', 'ls', '-q')).toBe('');
    await deploy('-c', fixed);
    expect(await inside('tour_client', 'ip', '-o', '-4', 'addr', 'show', 'eth0')).toContain('10.61.0.99/');
    await cluster.skep('stack', 'rm', 'tour');
    for (const node of cluster.nodes) {
      expect(await cluster.dockerOn(node, ['ps', '-q'])).toBe('');
      await waitFor(() => !existsSync(secretsOf(node)), { ms: 10_000, what: `no secret or config is on ${node.name}` });
    }
  });

  it('of another name is not there', async () => {
    expect((await cluster.trySkep(['stack', 'ps', 'other'])).stderr).toContain('nothing found in stack: other');
    const { code, stderr } = await cluster.trySkep(['stack', 'rm', 'other']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'nothing found in stack: other\n' });
  });
});
