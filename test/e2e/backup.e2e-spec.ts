import { rm, stat, truncate, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { killProcessesOf, run } from '#lib/lab';
import { useCluster } from './harness/cluster.js';
import { DEMO_IMAGE, demoImageTar, ROOT } from './harness/image.js';

const SKEP = join(ROOT, 'bin/skep');
const ON_WORKER = ['--constraint', 'node.role==worker', '--no-resolve-image', '-d'];

describe('backup and restore of a manager', () => {
  const cluster = useCluster(2);
  const file = () => join(cluster.folder, 'state.tar');
  const dataRoot = () => join(cluster.folderOf('node1'), 'data');
  const restore = (...args: string[]) => run(SKEP, ['restore', ...args, '--data-root', dataRoot()]);
  const services = async () =>
    (await cluster.docker('service', 'ls', '--format', '{{.Name}}')).split('\n').filter((name) => name !== '');
  /** Containers of a service on the worker, by its own word. */
  const containers = async (service: string) => {
    const filter = ['--filter', `label=com.docker.swarm.service.name=${service}`];
    const ids = await cluster.dockerOn(cluster.node('node2'), ['ps', '-q', '--no-trunc', ...filter]);
    return ids
      .split('\n')
      .filter((id) => id !== '')
      .sort();
  };
  const runs = (service: string, count: number) =>
    waitFor(async () => (await containers(service)).length === count && containers(service), {
      ms: 40_000,
      every: 200,
      what: `${count} containers of ${service}`,
    });
  let kept: string[];

  it('is written while services come and go', async () => {
    await cluster.docker('network', 'create', '-d', 'overlay', '--subnet', '10.77.0.0/24', 'net');
    await cluster.dockerOn(cluster.nodes[0]!, ['secret', 'create', 'word', '-'], { input: 'open sesame' });
    const keep = ['--name', 'keep', '--network', 'net', '--secret', 'word', '--replicas', '3'];
    await cluster.docker('service', 'create', ...ON_WORKER, ...keep, DEMO_IMAGE, 'serve');
    kept = await runs('keep', 3);

    const backup = { over: false };
    const load = (async () => {
      for (let n = 0; !backup.over; n++) {
        await cluster.docker('service', 'create', ...ON_WORKER, '--name', `load-${n}`, DEMO_IMAGE, 'idle');
        await cluster.docker('service', 'rm', `load-${n}`);
      }
    })();
    await cluster.skep('backup', file());
    backup.over = true;
    await load;
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await cluster.trySkep(['backup', file()])).stderr).toContain('is there already; say --force to replace it');
    await cluster.skep('backup', '--force', file());
  });

  it('is refused while the daemon runs, and when it is no whole backup', async () => {
    expect((await restore(file())).stderr).toMatch(/is in use by another skep daemon \(pid \d+\)/);
    const other = join(cluster.folder, 'other');
    const elsewhere = (path: string) => run(SKEP, ['restore', path, '--data-root', other]);
    expect((await elsewhere(SKEP)).stderr).toContain('this is no backup of skep');
    const cut = join(cluster.folder, 'cut.tar');
    await copyFile(file(), cut);
    await truncate(cut, Math.floor((await stat(cut)).size / 2));
    const refused = await elsewhere(cut);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('cut off or damaged');
  });

  it('brings the cluster back on an empty data root, and its workers carry on', async () => {
    await cluster.docker('service', 'create', ...ON_WORKER, '--name', 'after', DEMO_IMAGE, 'idle');
    await runs('after', 1);
    expect((await restore(file())).code).toBe(1);
    await killProcessesOf(`${cluster.folderOf('node1')}/`);
    const there = await restore(file());
    expect(there.stderr).toContain('has the state of a node already');
    await rm(join(dataRoot(), 'node.db'), { force: true });
    for (const name of ['node.db-wal', 'node.db-shm', 'secret.key', 'swarm']) {
      await rm(join(dataRoot(), name), { recursive: true, force: true });
    }
    const done = await restore(file());
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^restored node [0-9a-f]{12}, manager of a swarm, as of 2/);

    const before = cluster.nodes.map(({ nodeId }) => nodeId);
    await cluster.up(2);
    expect(cluster.nodes.map(({ nodeId }) => nodeId)).toEqual(before);
    expect(await services()).toEqual(['keep']);
    // What came after the backup is not known any more, and is taken down; what was there was not touched.
    await waitFor(async () => (await containers('after')).length === 0, {
      ms: 30_000,
      what: 'the later service to go',
    });
    expect(await containers('keep')).toEqual(kept);
  });

  it('and goes on from there: names, addresses, secrets', async () => {
    await cluster.skepOn(cluster.nodes[0]!, ['import', await demoImageTar(), DEMO_IMAGE]);
    await cluster.docker('service', 'scale', '-d', 'keep=5');
    const all = await runs('keep', 5);
    const [fresh] = all.filter((id) => !kept.includes(id));
    const inside = (...command: string[]) => cluster.dockerOn(cluster.node('node2'), ['exec', fresh!, ...command]);
    expect(await inside('cat', '/run/secrets/word')).toBe('open sesame');
    await waitFor(
      async () => {
        const answer = await inside('nslookup', '-type=a', 'tasks.keep').catch(() => '');
        return new Set(answer.match(/10\.77\.0\.\d+/g)).size === 5;
      },
      { ms: 20_000, every: 200, what: 'the name of all five' },
    );
  });
});
