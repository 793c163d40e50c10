import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { usePodman } from '../testing/use-podman.js';

const LABEL = 'skep-test=lost';

/** Podman has containers twice, in its database and in its storage, and a crash may leave them in one of both. */
describe('containers that Podman has by half', () => {
  const told: string[] = [];
  const podman = usePodman({ log: (message) => told.push(message) });

  const create = (name: string, cmd = ['sleep', '1000']) =>
    podman.engine.create({
      name,
      spec: { Image: podman.scratch.image, Cmd: cmd },
      labels: { 'skep-test': 'lost', 'io.skep.container': `id-${name}`, 'io.skep.spec-hash': 'h1' },
      network: podman.scratch.network,
      mounts: [],
    });
  const whileAway = async (work: () => void) => {
    await podman.service.stop();
    work();
    await podman.service.start();
  };
  /** Takes entries out of one of the storage's lists. */
  const without = <T>(path: string, is: (entry: T) => boolean): T[] => {
    const file = join(podman.scratch.dataRoot, path);
    const all = JSON.parse(readFileSync(file, 'utf8')) as T[];
    writeFileSync(file, JSON.stringify(all.filter((entry) => !is(entry))));
    return all.filter(is);
  };
  const seen = async () => new Map((await podman.engine.list(LABEL)).map((each) => [each.name, each]));

  it('are listed without their files, hide no other, and can be made anew', async () => {
    const never = await create('never-ran');
    const ran = await create('ran', ['false']);
    const bare = await create('without-layer');
    const whole = await create('whole');
    await podman.engine.start(ran);
    const over = async () => (await podman.engine.inspect(ran)).state === 'exited';
    await waitFor(over, { ms: 10_000, every: 50, what: 'its end' });
    const before = await podman.engine.inspect(whole);
    await whileAway(() => {
      interface Stored {
        id: string;
        layer: string;
      }
      without<Stored>('overlay-containers/containers.json', ({ id }) => id === never || id === ran);
      const file = join(podman.scratch.dataRoot, 'overlay-containers/containers.json');
      const { layer } = (JSON.parse(readFileSync(file, 'utf8')) as Stored[]).find(({ id }) => id === bare)!;
      expect(without<{ id: string }>('overlay-layers/layers.json', ({ id }) => id === layer)).toHaveLength(1);
    });

    const all = await seen();
    expect(all.get('whole')).toEqual(before);
    expect(all.get('never-ran')).toMatchObject({
      id: 'id-never-ran',
      engineId: never,
      state: 'created',
      startedAt: '',
    });
    expect(all.get('without-layer')).toMatchObject({ engineId: bare, state: 'created', image: podman.scratch.image });
    expect(all.get('ran')).toMatchObject({ engineId: ran, state: 'exited', exitCode: 255, lost: true });
    for (const name of ['never-ran', 'ran', 'without-layer']) expect(all.get(name)).not.toHaveProperty('specHash');
    await seen();
    const sizes = await podman.engine.sizes(LABEL);
    expect(sizes.get(ran)).toEqual({ writable: 0, rootFs: 0 });
    expect(sizes.get(whole)!.rootFs).toBeGreaterThan(1_000_000);
    const lost = told.filter((message) => message.includes('has lost its files: '));
    expect(lost).toHaveLength(3);
    expect(lost.toSorted()[1]).toMatch(new RegExp(`^container ran \\(${ran.slice(0, 12)}\\) .*container not known$`));

    for (const id of [never, ran, bare]) await podman.engine.remove(id);
    expect([...(await seen()).keys()]).toEqual(['whole']);
    for (const name of ['never-ran', 'ran', 'without-layer']) await podman.engine.start(await create(name));
    expect((await podman.engine.list(LABEL)).filter(({ state }) => state === 'running')).toHaveLength(3);
  });

  it('that run are left alone', async () => {
    const id = await create('runs');
    await podman.engine.start(id);
    const before = await podman.engine.inspect(id);
    const lose = () => without<{ id: string }>('overlay-containers/containers.json', (entry) => entry.id === id);
    await whileAway(lose);
    expect((await seen()).get('runs')).toMatchObject({ state: 'running', pid: before.pid, specHash: 'h1' });
    await podman.engine.remove(id);
    expect((await seen()).has('runs')).toBe(false);
  });

  it('keep no name from whoever is to have it', async () => {
    const database = join(podman.scratch.dataRoot, 'libpod/bolt_state.db');
    const older = join(podman.scratch.root, 'older.db');
    const kept = await create('kept');
    await whileAway(() => copyFileSync(database, older));
    const forgotten = await create('forgotten');
    // As if the create had ended before the database was written.
    await whileAway(() => copyFileSync(older, database));
    await expect(podman.engine.inspect(forgotten)).rejects.toMatchObject({ code: 'not_found' });
    const id = await create('forgotten');
    expect(await podman.engine.inspect(id)).toMatchObject({ name: 'forgotten', state: 'created' });
    await podman.engine.start(id);
    await expect(create('kept')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(kept) });
  });
});
