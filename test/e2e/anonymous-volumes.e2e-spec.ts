import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const IMAGE = 'local/store:1';

describe.each(['podman', 'docker'] as const)('what a service of a project has written, with %s', (engine) => {
  const world = useWorld(1, () => ({ engine }));
  let project: TestProject;
  let file: string;

  /** Another round is another definition of the service. */
  const define = (round: number, name = 'kept-db-1') =>
    writeFile(
      file,
      `
name: kept
services:
  db:
    image: ${IMAGE}
    container_name: ${name}
    command: [sleep, "1000"]
    stop_grace_period: 1s
    environment: { ROUND: "${round}" }
    volumes: [/cache]
`,
    );
  const buildImage = async (label: string) => {
    await world.node.mustDocker(['create', '--name', 'base', DEMO_IMAGE, 'true']);
    await world.node.mustDocker(['commit', '-c', 'VOLUME /state', '-c', `LABEL made=${label}`, 'base', IMAGE]);
    await world.node.mustDocker(['rm', 'base']);
  };
  const idOf = async () => (await project.container('db')).id;
  const volumes = async () => (await world.node.mustDocker(['volume', 'ls', '-q'])).split('\n').filter(Boolean).sort();
  const words = async () => (await project.exec('db', 'sh', '-c', 'cat /state/words /cache/words')).stdout;
  const say = (word: string) => project.exec('db', 'sh', '-c', `echo ${word} | tee -a /state/words >> /cache/words`);

  beforeAll(async () => {
    file = join(world.node.folder, 'kept.yaml');
    project = new TestProject(world.node, 'kept', [file]);
    await buildImage('first');
    await define(1);
    await project.up();
  });

  it('is there when its container was made anew, and the next up keeps that one', async () => {
    const first = await idOf();
    await say('hello');
    for (const round of [2, 3]) {
      await define(round);
      await project.up();
      expect(await words()).toBe('hello\nhello\n');
    }
    const third = await idOf();
    expect(third).not.toBe(first);
    await project.up();
    expect(await idOf()).toBe(third);
    expect(await volumes()).toHaveLength(2);
  });

  it('is there when its image was built anew, which makes the container anew once', async () => {
    const before = await idOf();
    await buildImage('second');
    await project.up('--no-recreate');
    expect(await idOf()).toBe(before);
    await project.up();
    const after = await idOf();
    expect(after).not.toBe(before);
    expect(await words()).toBe('hello\nhello\n');
    await project.up();
    expect(await idOf()).toBe(after);
  });

  it('goes on to a container of another name, also from one that was paused', async () => {
    await world.node.mustDocker(['pause', 'kept-db-1']);
    await define(3, 'another');
    await project.up();
    expect((await world.node.mustDocker(['ps', '-a', '--format', '{{.Names}}'])).trim()).toBe('another');
    expect(await words()).toBe('hello\nhello\n');
    await define(3);
    await project.up();
    await world.node.mustDocker(['pause', 'kept-db-1']);
  });

  it('is on the disk after a plain down, and goes with down --volumes', async () => {
    const left = await volumes();
    await project.must('down');
    expect(await volumes()).toEqual(left);
    await project.up();
    await define(4);
    await project.up();
    expect(await volumes()).toHaveLength(4);
    await project.down();
    expect(await volumes()).toEqual(left);
  });

  it('is renewed where that is asked for, and goes with docker rm -v', async () => {
    const left = await volumes();
    await project.up();
    await say('old');
    const old = await volumes();
    await project.up('--force-recreate', '-V');
    expect(await words()).toBe('');
    expect(await volumes()).toEqual(expect.arrayContaining(old));
    await project.up('--force-recreate');
    await world.node.mustDocker(['rm', '-f', '-v', 'kept-db-1']);
    expect(await volumes()).toEqual(old);
    await project.down();
    await world.node.mustDocker(['volume', 'rm', ...old]);
    expect(left.every((name) => old.includes(name))).toBe(true);
    expect(await volumes()).toEqual([]);
  });
});
