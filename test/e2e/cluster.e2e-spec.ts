import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from '#lib/lab';
import { useCluster } from './harness/cluster.js';

describe('skep cluster', () => {
  // Root's may be any, and containers with users of their own reach their files all the same.
  let before: number;
  beforeAll(() => void (before = process.umask(0o077)));
  afterAll(() => void process.umask(before));
  const cluster = useCluster(1);
  const states = () => cluster.nodes.map(({ name, state, role }) => `${name} ${state} ${role}`);

  it('starts a swarm, and adds nodes to it', async () => {
    expect(states()).toEqual(['node1 active manager']);
    for (const path of [cluster.folder, cluster.folderOf('node1'), join(cluster.folderOf('node1'), 'data')]) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o711);
    }
    const before = cluster.nodes[0]!.nodeId;
    await cluster.up(3);
    expect(states()).toEqual(['node1 active manager', 'node2 active worker', 'node3 active worker']);
    expect(cluster.nodes[0]!.nodeId).toBe(before);
    const format = ['--format', '{{.Hostname}} {{.Status}}'];
    expect((await cluster.docker('node', 'ls', ...format)).split('\n').sort()).toEqual(
      ['node1', 'node2', 'node3'].map((name) => `${name} Ready`),
    );
  });

  it('brings back what is missing, and leaves the rest as it is', async () => {
    const daemonOf = async (name: string) =>
      (await processesOf(`${cluster.folderOf(name)}/`)).find(({ command }) => command.includes('bin/skep daemon'))!;
    const [kept, lost] = [await daemonOf('node1'), await daemonOf('node2')];
    process.kill(lost.pid, 'SIGKILL');
    // Each node has settings of its own, and none by the file of the machine's daemon.
    await writeFile(join(cluster.folderOf('node2'), 'daemon.json'), '{ "labels": ["shelf=2"] }');
    await cluster.up(3);
    expect(states()).toEqual(['node1 active manager', 'node2 active worker', 'node3 active worker']);
    const labels = await cluster.dockerOn(cluster.node('node2'), ['info', '--format', '{{.Labels}}']);
    expect(labels).toBe('[shelf=2]');
    expect((await daemonOf('node1')).pid).toBe(kept.pid);
    expect((await daemonOf('node2')).pid).not.toBe(lost.pid);
  });

  it('refuses what it cannot do, in words', async () => {
    const fewer = await cluster.cluster('up', '1');
    expect(fewer.stderr).toContain('has 3 nodes, and up only adds');
    const none = await cluster.cluster('up', '0');
    expect(none.stderr).toContain('expected how many nodes');
    expect(none.code).toBe(1);
  });

  it('takes everything down, also twice', async () => {
    const { tag } = JSON.parse(await readFile(join(cluster.folder, 'cluster.json'), 'utf8')) as { tag: string };
    await cluster.docker('service', 'create', '--no-resolve-image', '--name', 'left', 'skep/demo:1', 'idle');
    // What runc or crun, whichever it is here, knows of its containers.
    const ofRuntime = async () => {
      const states = [];
      for (const [folder, file] of Object.entries({ '/run/runc': 'state.json', '/run/crun': 'status' })) {
        for (const id of await readdir(folder).catch(() => [])) states.push(readFile(join(folder, id, file), 'utf8'));
      }
      return (await Promise.allSettled(states)).filter((each) => JSON.stringify(each).includes(`${cluster.folder}/`));
    };
    expect(await ofRuntime()).not.toEqual([]);
    expect((await cluster.cluster('down')).code).toBe(0);
    expect(existsSync(cluster.folder)).toBe(false);
    expect(await processesOf(`${cluster.folder}/`)).toEqual([]);
    expect((await readdir('/run/netns')).filter((name) => name.startsWith(tag))).toEqual([]);
    expect((await readdir('/run')).filter((name) => name.startsWith(tag))).toEqual([]);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(cluster.folder);
    expect(await ofRuntime()).toEqual([]);
    const again = await cluster.cluster('down');
    expect(again.stderr).toContain(`there is no cluster in ${cluster.folder}`);
  });
});
