import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterSecret } from '#lib/domain';
import { openDatabase, SQLITE } from '../database.js';
import { clusterSchema, openClusterStore } from './cluster-store.js';

const secret = (id: string, Name: string): ClusterSecret => ({
  id,
  createdAt: '',
  updatedAt: '',
  spec: { Name, Data: 'sealed' },
});

describe('cluster.db', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skep-cluster-'));
    path = join(folder, 'cluster.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has a schema that the entities agree with', async () => {
    const source = await openDatabase(path, clusterSchema);
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    expect(upQueries.map((query) => query.query)).toEqual([]);
  });

  it('marks configs of an older version, which lie open', async () => {
    const store = await openClusterStore(path);
    await store.commit([{ op: 'put', kind: 'config', value: secret('a', 'conf') }]);
    await store.close();
    const source = new DataSource({ type: 'sqlite', driver: SQLITE, database: path });
    await source.initialize();
    await source.query(`DELETE FROM migrations WHERE name LIKE 'OpenConfigs%'`);
    await source.destroy();
    const opened = await openClusterStore(path);
    expect(opened.list('config')).toEqual([{ ...secret('a', 'conf'), legacy: 'open' }]);
    await opened.close();
  });

  it('does not promise that the node could begin anew without it', async () => {
    await writeFile(path, 'no database\n'.repeat(1_000));
    const error = await openClusterStore(path).catch((thrown: unknown) => (thrown as Error).message);
    expect(error).toContain('skep restore');
    expect(error).toContain('docker swarm leave --force');
    expect(error).not.toContain('empty');
  });

  it('refuses a second object of one name, and a write that names another version', async () => {
    const store = await openClusterStore(path);
    await store.commit([{ op: 'put', kind: 'secret', value: secret('a', 'key') }]);
    const again = store.commit([{ op: 'put', kind: 'secret', value: secret('b', 'key') }]);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    const stale = store.commit([{ op: 'put', kind: 'secret', value: secret('a', 'key'), expect: 7 }]);
    await expect(stale).rejects.toMatchObject({ code: 'conflict' });
    expect(store.list('secret')).toEqual([secret('a', 'key')]);
    await store.close();
  });
});
