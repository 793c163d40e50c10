import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import type { Container, ContainerStatus, Network, Project, Volume } from '#lib/domain';

/** What node.db holds, an object a row. */
export interface Rows {
  network: Network[];
  container: Container[];
  status: ContainerStatus[];
  volume: Volume[];
  project: Project[];
}

const TABLES = ['network', 'container', 'status', 'volume', 'project'] as const;

/** Read from a copy, because the agent has the database to itself; nothing may be under way. */
export async function rowsOf(folder: string): Promise<Rows> {
  const scratch = await mkdtemp(join(tmpdir(), 'skep-rows-'));
  try {
    // The write-ahead log is part of what was committed.
    for (const file of ['node.db', 'node.db-wal']) {
      await copyFile(join(folder, 'data', file), join(scratch, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    return await readRows(join(scratch, 'node.db'));
  } finally {
    await rm(scratch, { recursive: true });
  }
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
