import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, SQLITE } from './database.js';
import { nodeSchema } from './node/kinds.js';
import { openNodeStore } from './node/node-store.js';

describe('opening node.db', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skep-db-'));
    path = join(folder, 'node.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const withSql = async (...lines: string[]) => {
    const source = new DataSource({ type: 'sqlite', driver: SQLITE, database: path });
    await source.initialize();
    for (const line of lines) await source.query(line);
    await source.destroy();
  };
  const withContents = async () => {
    const store = await openNodeStore(path);
    for (let n = 0; n < 50; n++) {
      await store.commit([{ op: 'put', kind: 'project', value: project(`p${n}`) }]);
    }
    await store.close();
  };
  const project = (name: string) => ({
    name,
    workingDir: '/',
    configFiles: [],
    model: { filler: 'x'.repeat(1_000) },
    createdAt: '2026-01-01T00:00:00.000Z',
    target: 'present' as const,
  });
  const folderDigest = async () => {
    const names = (await readdir(folder)).sort();
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
    return names.map((name, index) => `${name} ${createHash('sha256').update(contents[index]!).digest('hex')}`);
  };
  /** The error's message names the file and says `text`; nothing in the folder has changed. */
  const refuses = async (code: string, text: string) => {
    const before = await folderDigest();
    const error = await openNodeStore(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'SkepError', code });
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).toContain(text);
    expect(await folderDigest()).toEqual(before);
  };

  it('can be copied while it is written: the copy is of one moment, and opens as the original does', async () => {
    const store = await openNodeStore(path);
    const copy = join(folder, 'copy.db');
    const put = (n: number) => store.commit([{ op: 'put', kind: 'project', value: project(`p${n}`) }]);
    await put(0);
    const later = Promise.all(Array.from({ length: 20 }, (_, n) => put(n + 1)));
    await store.copyTo(copy);
    await later;
    await expect(store.copyTo(copy)).rejects.toThrow(copy);
    await store.close();
    const opened = await openNodeStore(copy);
    expect(opened.ownerId).toBe(store.ownerId);
    expect(opened.get('project', 'p0')).toBeDefined();
    expect(opened.list('project')).toHaveLength(opened.revision);
    await opened.close();
  });

  it('makes a database that only its owner can read, and leaves nothing beside it', async () => {
    const store = await openNodeStore(path);
    await store.close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['node.db']);
  });

  it('has a schema that the entities agree with', async () => {
    const source = await openDatabase(path, nodeSchema);
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    await source.destroy();
    expect(upQueries.map((query) => query.query)).toEqual([]);
  });

  it('writes ahead, and waits for the disk', async () => {
    const source = await openDatabase(path, nodeSchema);
    const pragma = async (name: string) => Object.values((await source.query(`PRAGMA ${name}`))[0] as object)[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('locking_mode')).toBe('exclusive');
    await source.destroy();
  });

  it('survives a start that was killed while it made the database', async () => {
    const dead = spawnSync('true').pid;
    await writeFile(`${path}.new-${dead}-4711`, 'half');
    const store = await openNodeStore(path);
    await store.close();
    expect(await readdir(folder)).toEqual(['node.db']);
  });

  it('lets one of two daemons in that start at the same moment', async () => {
    const outcomes = await Promise.allSettled([openNodeStore(path), openNodeStore(path)]);
    const opened = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(opened).toHaveLength(1);
    await opened[0]!.value.close();
  });

  it('refuses a file that is no database', async () => {
    await writeFile(path, 'hello, world\n'.repeat(1_000));
    await refuses('internal', 'this is not a SQLite database');
    await refuses('internal', 'move the file away');
  });

  it('refuses an empty file', async () => {
    await writeFile(path, '');
    await refuses('internal', 'the file is empty');
  });

  it('refuses a truncated file', async () => {
    await withContents();
    await truncate(path, ((await stat(path)).size >> 13) * 4_096);
    await refuses('internal', 'the database is damaged');
  });

  it('refuses a file with overwritten pages', async () => {
    await withContents();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xa5, 8_192, bytes.length - 4_096));
    await refuses('internal', 'the database is damaged');
  });

  it('refuses a value that is not JSON', async () => {
    await withContents();
    await withSql(`UPDATE project SET value = '{"name":' WHERE id = 'p7'`);
    await refuses('internal', 'the value of project p7 is not JSON');
  });

  it("refuses somebody else's database", async () => {
    await withSql('CREATE TABLE t (a)');
    await refuses('conflict', "not one of skep's");
  });

  it('refuses a database from a newer version', async () => {
    await withContents();
    await withSql(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')`);
    await refuses('conflict', 'FromTheFuture9999999999999');
  });

  it('refuses to begin anew beside the log of a database that is missing', async () => {
    await withContents();
    await rename(path, `${path}-wal`);
    await refuses('internal', 'the file is missing');
  });
});
