import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClusterPlaces } from './places.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'skep-places-'))));
afterEach(() => rm(folder, { recursive: true }));

it('remembers nodes that start at the same time', async () => {
  const places = ClusterPlaces.plan(folder);
  await places.grow(30);
  const ids = Array.from({ length: 30 }, (_, index) => String(index).padStart(12, '0'));
  await Promise.all(ids.map((id, index) => places.remember(`node${index + 1}`, id)));
  const read = (await ClusterPlaces.read(folder))!;
  expect(read.nodes).toEqual(places.nodes);
  expect(read.nodes.map(({ netnsPrefix }) => netnsPrefix)).not.toContain(undefined);
  expect(await readdir(folder)).toEqual(['cluster.json']);
});
