import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import sqlite3 from 'sqlite3';
import { waitFor } from '#lib/common';
import type { Container, ContainerStatus, Network, Project, Volume } from '#lib/domain';

/** What node.db holds, an object a row. */
export interface Rows {
  network: Network[];
  container: Container[];
  status: ContainerStatus[];
  volume: Volume[];
  project: Project[];
}

/** The write-ahead log is part of what was committed. */
const FILES = ['node.db', 'node.db-wal'];

/** Milliseconds in which two writes may have one time of the file system. */
const BLUR = 20;

const TABLES = ['network', 'container', 'status', 'volume', 'project'] as const;

/**
 * Read from a copy, because the agent has the database to itself. A copy of what it writes meanwhile is none: the next one
 * is made. Nothing may be under way that is to be seen.
 */
export async function rowsOf(folder: string): Promise<Rows> {
  const scratch = await mkdtemp(join(tmpdir(), 'skep-rows-'));
  try {
    const copied = () => copyInPeace(join(folder, 'data'), scratch);
    await waitFor(copied, { ms: 10_000, what: `nobody writes into the database in ${folder}` });
    return await readRows(join(scratch, 'node.db'));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** False: somebody wrote meanwhile, or may have. */
async function copyInPeace(from: string, to: string): Promise<boolean> {
  const before = await writtenAt(from);
  if (Date.now() - Math.max(...before) < BLUR) return false;
  for (const [n, file] of FILES.entries()) {
    if (before[n]) await copyFile(join(from, file), join(to, file));
    else await rm(join(to, file), { force: true });
  }
  return isDeepStrictEqual(await writtenAt(from), before);
}

/** Milliseconds since the epoch; 0: the file is not there. */
function writtenAt(folder: string): Promise<number[]> {
  return Promise.all(
    FILES.map((file) =>
      stat(join(folder, file)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
}

async function readRows(path: string): Promise<Rows> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened = new sqlite3.Database(path, (error) => (error ? reject(error) : resolve(opened)));
  });
  const all = (table: string) =>
    new Promise<unknown[]>((resolve, reject) =>
      database.all<{ value: string }>(`SELECT "value" FROM "${table}" ORDER BY "id"`, (error, rows) =>
        error ? reject(error) : resolve(rows.map(({ value }) => JSON.parse(value) as unknown)),
      ),
    );
  try {
    const found = await Promise.all(TABLES.map(async (table) => [table, await all(table)] as const));
    return Object.fromEntries(found) as unknown as Rows;
  } finally {
    await new Promise((resolve) => database.close(resolve));
  }
}
