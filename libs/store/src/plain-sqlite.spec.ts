import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryFailedError } from 'typeorm';
import { expect, it } from 'vitest';
import { openDatabase } from './database.js';
import { nodeSchema } from './node/kinds.js';

/** The verbose mode is one of the whole process, and stays: nobody may ask for it, other tests included. */
it('queries take no stack traces', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skep-db-'));
  const source = await openDatabase(join(folder, 'node.db'), nodeSchema);
  try {
    const refused = await source.query('SELECT 1 FROM nowhere').catch((thrown: QueryFailedError) => thrown);
    const { message, stack } = (refused as QueryFailedError).driverError;
    expect(message).toMatch(/no such table: nowhere/);
    // What sqlite3 puts between the trace of an error and that of its query.
    expect(stack).not.toContain('--> in Database#');
  } finally {
    await source.destroy();
    await rm(folder, { recursive: true });
  }
});
