import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { removeTraces, run } from '#lib/lab';
import { DEMO_IMAGE, ROOT } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { useWorld } from './harness/world.js';

const SKEP = join(ROOT, 'bin/skep');

describe('a backup that is restored onto a machine where another node was', () => {
  const world = useWorld(2);
  /** Of the nodes that are replaced: the harness removes what carries the name of the last one. */
  const prefixes: string[] = [];
  afterAll(async () => {
    for (const prefix of prefixes) await removeTraces([world.nodes[0]!.folder], prefix);
  });
  const links = async ({ machine }: TestNode) =>
    (JSON.parse(await machine.must('ip', ['-j', 'link'])) as { ifname: string }[]).map(({ ifname }) => ifname);
  const routesTo = async ({ machine }: TestNode, subnet: string) =>
    (await machine.must('ip', ['route', 'show', subnet])).split('\n').filter(Boolean);
  const tables = ({ machine }: TestNode) => machine.must('nft', ['list', 'tables']);
  const serve = async (node: TestNode, ...args: string[]) =>
    (await node.mustDocker(['run', '-d', ...args, DEMO_IMAGE, 'serve'])).trim();

  it('nothing of that node is left, and the restored one has its way out', async () => {
    const [here, moved] = world.nodes as [TestNode, TestNode];
    await here.must(['backup', join(here.folder, 'own.tar')]);
    const bridge = ['--opt', 'com.docker.network.bridge.name=ske2e-named'];
    await here.mustDocker(['network', 'create', ...bridge, 'named']);
    const old = await serve(here, '--name', 'old', '-p', '8080:80', '-v', 'kept:/data');
    await serve(here, '--name', 'beside', '--network', 'container:old');
    await serve(here, '--network', 'named');
    const was = here.kernelNames;
    prefixes.push(was.netnsPrefix);
    const oldNetns = here.sandboxPath(old);

    await serve(moved, '--name', 'web', '-p', '8080:80', '--restart', 'always');
    const backup = join(moved.folder, 'moved.tar');
    await moved.must(['backup', backup]);
    await moved.mustDocker(['rm', '-f', 'web']);
    await moved.stop();

    // As after kill -9 or a power loss: what the node had made stays.
    await here.stop();
    const flags = ['--data-root', join(here.folder, 'data'), '--force'];
    const done = await run(SKEP, ['restore', backup, ...flags]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('is taken down when the daemon starts');
    await here.start();
    expect(here.kernelNames.nodeId).toBe(moved.kernelNames.nodeId);

    expect((await links(here)).filter((name) => name.startsWith(was.linkPrefix) || name === 'ske2e-named')).toEqual([]);
    expect(await tables(here)).not.toContain(was.nftTable);
    expect((await run('ls', [oldNetns])).code).not.toBe(0);
    expect(await here.mustDocker(['volume', 'ls', '-q'])).toContain('kept');

    const subnet = (await here.json<{ pools: { subnet: string }[] }>('/skep/v1/networks/nat')).pools[0]!.subnet;
    expect(await routesTo(here, subnet)).toHaveLength(1);
    await waitFor(
      async () => (await here.docker(['exec', 'web', 'ping', '-c', '1', '-W', '1', world.outside.address])).code === 0,
      { ms: 20_000, every: 200, what: 'a restored container reaches the outside' },
    );
    expect(await world.outside.get(`http://${here.machine.address}:8080/`)).toContain('host: ');
    // What was tidied up once is not looked for again.
    await here.stop();
    await here.start();
    expect((await here.mustDocker(['ps', '--format', '{{.Names}}'])).trim()).toBe('web');
  });

  it('nor where the state of that node is gone, by what its containers say', async () => {
    const [here] = world.nodes as [TestNode];
    const was = here.kernelNames;
    prefixes.push(was.netnsPrefix);
    await here.stop();
    const dataRoot = join(here.folder, 'data');
    for (const name of await readdir(dataRoot)) {
      if (/^(node\.db|secret\.key|swarm|before-restore-)/.test(name))
        await rm(join(dataRoot, name), { recursive: true });
    }
    const done = await run(SKEP, ['restore', join(here.folder, 'own.tar'), '--data-root', dataRoot]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    await here.start();
    expect(here.kernelNames.nodeId).not.toBe(was.nodeId);
    expect((await links(here)).filter((name) => name.startsWith(was.linkPrefix))).toEqual([]);
    expect(await tables(here)).not.toContain(was.nftTable);
    expect(await here.mustDocker(['ps', '-aq'])).toBe('');
  });
});
