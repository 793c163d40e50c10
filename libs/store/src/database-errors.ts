import { messageOf, SkepError, type ErrorCode } from '#lib/common';

/** SQLite's result name (`SQLITE_FULL`, …) in whatever TypeORM or the driver threw. */
export function sqliteCode(error: unknown): string | undefined {
  return /\bSQLITE_[A-Z_]+/.exec(messageOf(error))?.[0];
}

/** @param restore the schema's */
export function damaged(path: string, restore: string, found: string, cause?: unknown): SkepError {
  return new SkepError('internal', `${path}: ${found}. Nothing was changed. ${restore}`, { cause });
}

const TRANSLATIONS: Record<string, [ErrorCode, string]> = {
  SQLITE_BUSY: [
    'conflict',
    'another process has this database open. One node is served by one daemon: stop the other one, or give this one ' +
      'a --data-root of its own.',
  ],
  SQLITE_FULL: ['exhausted', 'the disk is full. Nothing of this change was kept; free some space and try again.'],
  SQLITE_READONLY: ['forbidden', 'the database is read-only for this process. Its file and folder must be writable.'],
  SQLITE_CANTOPEN: ['forbidden', 'the database cannot be opened. Its file and folder must be readable and writable.'],
  SQLITE_PERM: ['forbidden', 'the database cannot be opened. Its file and folder must be readable and writable.'],
  SQLITE_IOERR: ['unavailable', 'the disk reported an error. Nothing of this change was kept.'],
};

/** The error for people; `path` names the database, `restore` is its schema's. */
export function fromDatabaseError(path: string, restore: string, error: unknown): SkepError {
  if (SkepError.is(error)) return error;
  const code = sqliteCode(error);
  if (code === 'SQLITE_NOTADB') return damaged(path, restore, 'this is not a SQLite database', error);
  if (code === 'SQLITE_CORRUPT') return damaged(path, restore, `the database is damaged (${messageOf(error)})`, error);
  const [kind, text] = TRANSLATIONS[code ?? ''] ?? ['internal', messageOf(error)];
  return new SkepError(kind, `${path}: ${text}`, { cause: error });
}
