import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

describe("a node that is run by hand, from a shell whose umask is root's alone", () => {
  let before: number;
  beforeAll(() => void (before = process.umask(0o077)));
  const world = useWorld();
  afterAll(() => void process.umask(before));

  it('gives programs that are not root their names and what has been opened to them', async () => {
    const file = join(world.node.folder, 'compose.yaml');
    const source = join(world.node.folder, 'made');
    const app = {
      image: DEMO_IMAGE,
      command: ['idle'],
      user: '1000:1000',
      configs: ['plain', { source: 'plain', target: '/open', mode: 0o666 }],
      volumes: [`${source}:/made`],
    };
    await writeFile(file, JSON.stringify({ services: { app }, configs: { plain: { content: 'for all' } } }));
    const project = new TestProject(world.node, 'open', [file]);
    await project.up();
    const reads = async (path: string) => (await project.exec('app', 'cat', path)).stdout;
    expect(await reads('/etc/resolv.conf')).toContain('nameserver 127.0.0.11');
    expect(await reads('/etc/hosts')).toContain('localhost');
    expect(await reads('/plain')).toBe('for all');
    expect((await project.exec('app', 'stat', '-c', '%a', '/plain', '/open')).stdout).toBe('444\n666\n');
    expect((await stat(source)).mode & 0o777).toBe(0o755);
    expect((await stat(join(world.node.folder, 'data'))).mode & 0o777).toBe(0o711);
  });

  it('is restored into a folder that is passable for all', async () => {
    const at = (name: string) => join(world.node.folder, name);
    await world.node.must(['backup', at('backup.tar')]);
    await world.node.must(['restore', at('backup.tar'), '--data-root', at('restored')]);
    expect((await stat(at('restored'))).mode & 0o777).toBe(0o711);
  });
});
