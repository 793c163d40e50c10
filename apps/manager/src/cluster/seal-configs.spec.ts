import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { swarmFolder } from '#lib/contracts';
import type { ClusterConfig } from '#lib/domain';
import { openClusterStore, type ClusterStore } from '#lib/store';
import { ConfigsController } from '../control-api/configs.controller.js';
import { ClusterKey } from './cluster-key.js';
import { sealConfigs } from './seal-configs.js';

const DATA = Buffer.from('a content that nobody reads here '.repeat(500)).toString('base64');
const PART = DATA.slice(400, 440);

let root: string;
let key: ClusterKey;
let store: ClusterStore;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'skep-seal-'));
  key = ClusterKey.open(root);
  store = await openClusterStore(join(swarmFolder(root), 'cluster.db'));
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true });
});

const filesWith = (text: string) =>
  readdirSync(swarmFolder(root)).filter((name) => readFileSync(join(swarmFolder(root), name)).includes(text));
const shown = (name: string) => new ConfigsController(store, key).inspect(name).Spec;
const old = (legacy?: ClusterConfig['legacy']): ClusterConfig => {
  const spec = { Name: 'old', Data: DATA };
  return { id: 'old', createdAt: '', updatedAt: '', spec, ...(legacy && { legacy }) };
};
const put = (value: ClusterConfig) => store.commit([{ op: 'put', kind: 'config', value }]);

it('a config is shown as it was given, and its content is not in the files of the database', async () => {
  await new ConfigsController(store, key).create({ Name: 'new', Data: DATA });
  expect(shown('new')).toMatchObject({ Data: DATA });
  expect(filesWith('"Name":"new"')).not.toEqual([]);
  expect(filesWith(PART)).toEqual([]);
});

it('one that an older version kept open is sealed once, and its content is gone from the files', async () => {
  await put(old('open'));
  expect(filesWith(PART)).not.toEqual([]);
  await sealConfigs(store, key);
  expect(shown('old')).toMatchObject({ Data: DATA });
  expect(store.list('config')[0]).not.toHaveProperty('legacy');
  expect(filesWith(PART)).toEqual([]);
  const { version } = store.get('config', 'old')!;
  await sealConfigs(store, key);
  expect(store.get('config', 'old')!.version).toBe(version);
});

it('goes on after a kill between sealing and clearing the files', async () => {
  await put(old('open'));
  await put({ ...old('sealed'), spec: { Name: 'old', Data: key.seal(Buffer.from(DATA, 'base64')) } });
  expect(filesWith(PART)).not.toEqual([]);
  await sealConfigs(store, key);
  expect(filesWith(PART)).toEqual([]);
  expect(shown('old')).toMatchObject({ Data: DATA });
});
