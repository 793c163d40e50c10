import { randomInt, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import sqlite3 from 'sqlite3';
import { DataSource } from 'typeorm';
import { conflict, forbidden, isAlive, messageOf, newId, syncFolder } from '#lib/common';
import { damaged, fromDatabaseError } from './database-errors.js';
import type { KindMap } from './changes.js';
import { MetaRow } from './rows.js';
import { kindsOf, type Schema } from './schema.js';

/** `PRAGMA application_id` of our databases, "skep" in ASCII: tells them from anybody else's SQLite file. */
const APPLICATION_ID = 0x736b6570;

/** Between a database's name and the process that is making it. */
const DRAFT = '.new-';

/** TypeORM asks for sqlite3's verbose mode, in which each query takes a stack trace; it gets the ordinary one. */
export const SQLITE = { ...sqlite3, verbose: () => sqlite3 };

/**
 * How long a starting daemon waits for one that is just going away, in milliseconds. Two that start at the same moment
 * hold a shared lock each and wait for the other's, so they must not give up at the same moment as well.
 */
const busyTimeout = () => randomInt(1_000, 3_000);

/**
 * Opens a database of ours, makes it first where there is none, and brings its schema up to date. The connection holds SQLite's
 * exclusive lock until it is closed or the process ends, so no second daemon can serve the same node.
 */
export async function openDatabase<M extends KindMap>(path: string, schema: Schema<M>): Promise<DataSource> {
  const entities = kindsOf(schema).map((kind) => schema.kinds[kind].entity);
  const opening: Opening = {
    entities: [MetaRow, ...(entities as EntityClass[])],
    migrations: schema.migrations,
    restore: schema.restore,
  };
  try {
    if (!(await exists(path))) await create(path, opening);
    await checkFile(path, opening.restore);
    return await connect(path, opening, (source) => checkContents(source, path, opening));
  } catch (error) {
    throw fromDatabaseError(path, schema.restore, error);
  }
}

type EntityClass = new () => object;

interface Opening {
  entities: EntityClass[];
  migrations: Schema<KindMap>['migrations'];
  restore: string;
}

/** Opens an existing file, and closes it again when `prepare` throws. SQLite itself never makes the file. */
async function connect(path: string, opening: Opening, prepare: (source: DataSource) => Promise<void>) {
  const source = new DataSource({
    type: 'sqlite',
    driver: SQLITE,
    database: path,
    flags: sqlite3.OPEN_READWRITE,
    busyTimeout: busyTimeout(),
    entities: opening.entities,
    migrations: opening.migrations,
    migrationsTransactionMode: 'each',
  });
  await source.initialize();
  try {
    // Before the first access: in WAL mode the wal-index then lives in memory, and the lock lasts.
    await source.query('PRAGMA locking_mode = EXCLUSIVE');
    await prepare(source);
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

/** A database appears under its name complete or not at all, so an empty or half-made file is always damage. */
async function create(path: string, opening: Opening): Promise<void> {
  if (await exists(`${path}-wal`)) {
    throw damaged(path, opening.restore, `the file is missing, while ${path}-wal, which belongs to it, is there`);
  }
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mayUse(folder);
  await removeLeftovers(path);
  const draft = `${path}${DRAFT}${process.pid}-${randomUUID()}`;
  try {
    await (await open(draft, 'wx', 0o600)).close();
    const source = await connect(draft, opening, async (fresh) => {
      await fresh.query(`PRAGMA application_id = ${APPLICATION_ID}`);
      await useWriteAheadLog(fresh);
      await fresh.runMigrations();
      await fresh.getRepository(MetaRow).insert({ id: 1, nodeId: newId(), revision: 0 });
    });
    await source.destroy();
    await chmod(draft, 0o600);
    await link(draft, path);
    await syncFolder(folder);
  } catch (error) {
    // Another daemon that was started at the same moment has made it: the lock decides which of the two serves it.
    if (!(await exists(path))) throw error;
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(draft + suffix, { force: true });
  }
}

/** Drafts of starts that were killed: their name says which process made them. */
async function removeLeftovers(path: string): Promise<void> {
  const prefix = basename(path) + DRAFT;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || isAlive(parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(dirname(path), name), { force: true });
  }
}

async function checkFile(path: string, restore: string): Promise<void> {
  const { size } = await stat(path);
  await mayUse(path);
  await mayUse(dirname(path));
  if (size === 0) throw damaged(path, restore, 'the file is empty');
}

/** Read-only questions first: a file that turns out not to be ours has not been touched when we leave it. */
async function checkContents(source: DataSource, path: string, { migrations, restore }: Opening): Promise<void> {
  const [application] = await source.query<{ application_id: number }[]>('PRAGMA application_id');
  if (application?.application_id !== APPLICATION_ID) {
    throw conflict(
      `${path}: this is a SQLite database, but not one of skep's. ` +
        'Nothing was changed; move it away, or choose another --data-root.',
    );
  }
  const findings = await source.query<{ quick_check: string }[]>('PRAGMA quick_check(5)');
  if (findings.length !== 1 || findings[0]!.quick_check !== 'ok') {
    throw damaged(path, restore, `the database is damaged (${findings.map((row) => row.quick_check).join('; ')})`);
  }
  const known = new Set(migrations.map((migration) => migration.name));
  const applied = await source.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  const unknown = applied.map((row) => row.name).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw conflict(
      `${path}: the database was written by a newer version of skep (it has the schema change ${unknown.join(', ')}, ` +
        `this version ends at ${[...known].at(-1)}). Nothing was changed; start the newer version, or restore a backup ` +
        'made with this one.',
    );
  }
  await useWriteAheadLog(source);
  await source.runMigrations();
}

async function useWriteAheadLog(source: DataSource): Promise<void> {
  await source.query('PRAGMA journal_mode = WAL');
  await source.query('PRAGMA synchronous = FULL');
}

async function mayUse(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw forbidden(
      `${path}: must be readable and writable for user ${process.getuid?.()} (${messageOf(error)})`,
      error,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw forbidden(`${path}: cannot be looked at (${error.message})`, error);
    },
  );
}
