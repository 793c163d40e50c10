import type { DataSource, QueryRunner } from 'typeorm';
import { conflict, type SkepError, unavailable } from '#lib/common';
import type { ChangeOf, CommittedOf, KindMap, KindOf, StoredOf, ViewOf } from './changes.js';
import { damaged, fromDatabaseError, sqliteCode } from './database-errors.js';
import { openDatabase } from './database.js';
import { deepFreeze, Draft, Memory } from './memory.js';
import { RowWriter } from './row-writer.js';
import { MetaRow } from './rows.js';
import { kindsOf, type Schema } from './schema.js';
import type { StoreOf } from './store.js';
import { Transaction } from './transaction.js';

/** Somebody waits for this batch. */
interface Request<M extends KindMap> {
  decide(view: ViewOf<M>): { changes: readonly ChangeOf<M>[]; result: unknown };
  resolve(done: { committed: CommittedOf<M>; result: unknown }): void;
  reject(error: unknown): void;
}

/** Somebody wants something done with the whole file. */
interface FileWork {
  /** the one that errors are about */
  path: string;
  queries: readonly (readonly [sql: string, parameters?: unknown[]])[];
  resolve(): void;
  reject(error: unknown): void;
}

/** A batch whose rows are written in the transaction that is open. */
interface Written<M extends KindMap> {
  request: Request<M>;
  draft: Draft<M>;
  changes: readonly ChangeOf<M>[];
  result: unknown;
}

/**
 * Opens the database at `path` and makes it first where there is none.
 *
 * Errors name the file, what was found and what to do: `conflict` (open in another process, not skep's, written by a
 * newer version), `forbidden` (not readable or writable), `internal` (damaged). None of them changes the file.
 */
export async function openStore<M extends KindMap>(path: string, schema: Schema<M>): Promise<StoreOf<M>> {
  const source = await openDatabase(path, schema);
  try {
    const memory = new Memory(schema);
    for (const kind of kindsOf(schema)) {
      for (const row of await source.getRepository(schema.kinds[kind].entity).find({ order: { id: 'ASC' } })) {
        memory.set(kind, row.id, {
          version: row.version,
          value: parsed(path, schema.restore, kind, row.id, row.value),
        });
      }
    }
    const meta = await source.getRepository(MetaRow).findOneBy({ id: 1 });
    if (!meta) throw damaged(path, schema.restore, "the row with the owner's id is missing");
    return new ObjectStore(path, source, memory, meta.nodeId, meta.revision);
  } catch (error) {
    await source.destroy();
    throw fromDatabaseError(path, schema.restore, error);
  }
}

function parsed<T>(path: string, restore: string, kind: string, id: string, json: string): T {
  try {
    return deepFreeze(JSON.parse(json) as T);
  } catch (error) {
    throw damaged(path, restore, `the value of ${kind} ${id} is not JSON`, error);
  }
}

/**
 * Batches that arrive while one transaction is being written share the next (group commit): one wait for the disk for
 * all of them, and a savepoint each, so that a batch that fails takes nobody with it. Batches that change nothing write
 * nothing.
 */
class ObjectStore<M extends KindMap> implements StoreOf<M> {
  private waiting: Request<M>[] = [];
  private fileWork: FileWork[] = [];
  private working: Promise<void> | undefined;
  private closed = false;
  private readonly listeners = new Set<(committed: CommittedOf<M>) => void>();
  private readonly runner: QueryRunner;
  private readonly rows: RowWriter<M>;

  constructor(
    private readonly path: string,
    private readonly source: DataSource,
    private readonly memory: Memory<M>,
    readonly ownerId: string,
    private lastRevision: number,
  ) {
    this.runner = source.createQueryRunner();
    this.rows = new RowWriter(this.runner, memory.schema);
  }

  get revision(): number {
    return this.lastRevision;
  }

  get<K extends KindOf<M>>(kind: K, id: string): StoredOf<M, K> | undefined {
    return this.memory.get(kind, id);
  }

  list<K extends KindOf<M>>(kind: K): readonly M[K][] {
    return this.memory.list(kind);
  }

  async commit(changes: readonly ChangeOf<M>[]): Promise<CommittedOf<M>> {
    const done = await this.enqueue(() => ({ changes, result: undefined }));
    return done.committed;
  }

  async transact<T>(decide: (view: ViewOf<M>) => { changes: readonly ChangeOf<M>[]; result: T }): Promise<T> {
    const done = await this.enqueue(decide);
    return done.result as T;
  }

  copyTo(path: string): Promise<void> {
    return this.onFile(path, [['VACUUM INTO ?', [path]]]);
  }

  purge(): Promise<void> {
    return this.onFile(this.path, [['VACUUM'], ['PRAGMA wal_checkpoint(TRUNCATE)']]);
  }

  feed(listener: (committed: CommittedOf<M>) => void): () => void {
    const entry = (committed: CommittedOf<M>) => listener(committed);
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  async close(): Promise<void> {
    if (this.closed) return this.working;
    this.closed = true;
    await this.working;
    await this.source.destroy();
  }

  private async onFile(path: string, queries: FileWork['queries']): Promise<void> {
    if (this.closed) throw unavailable(`${this.path}: the store is closed`);
    return new Promise((resolve, reject) => {
      this.fileWork.push({ path, queries, resolve, reject });
      this.working ??= this.work();
    });
  }

  private errorOf(error: unknown, path = this.path): SkepError {
    return fromDatabaseError(path, this.memory.schema.restore, error);
  }

  private enqueue(decide: Request<M>['decide']): Promise<{ committed: CommittedOf<M>; result: unknown }> {
    if (this.closed) return Promise.reject(unavailable(`${this.path}: the store is closed`));
    return new Promise((resolve, reject) => {
      this.waiting.push({ decide, resolve, reject });
      this.working ??= this.work();
    });
  }

  private async work(): Promise<void> {
    // Lets callers of the same turn join the first transaction.
    await Promise.resolve();
    while (this.waiting.length > 0 || this.fileWork.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      if (group.length > 0) await this.commitGroup(group);
      // Between two transactions: SQLite does none of it in one.
      for (const work of this.fileWork.splice(0)) await this.carryOut(work);
    }
    this.working = undefined;
  }

  private async carryOut({ path, queries, resolve, reject }: FileWork): Promise<void> {
    try {
      for (const [sql, parameters] of queries) await this.runner.query(sql, parameters);
      resolve();
    } catch (error) {
      reject(this.errorOf(error, path));
    }
  }

  private async commitGroup(group: Request<M>[]): Promise<void> {
    const written: Written<M>[] = [];
    const transaction = new Transaction(this.runner, group.length > 1);
    try {
      const draft = new Draft(this.memory);
      for (const request of group) {
        const one = await this.write(request, draft, transaction);
        if (one) written.push(one);
      }
      const changing = written.filter((one) => one.changes.length > 0).length;
      if (changing > 0) {
        await this.runner.query('UPDATE meta SET revision = ?', [this.lastRevision + changing]);
      }
      await transaction.commit();
    } catch (error) {
      await transaction.rollback();
      for (const request of group) request.reject(this.errorOf(error));
      return;
    }
    for (const one of written) this.publish(one);
  }

  /** Decides and writes one batch inside the transaction. A batch that is refused while others share it is told so here. */
  private async write(request: Request<M>, below: Draft<M>, transaction: Transaction): Promise<Written<M> | undefined> {
    const draft = new Draft(below);
    let decided;
    try {
      decided = request.decide(draft);
    } catch (error) {
      request.reject(error);
      return undefined;
    }
    const { changes, result } = decided;
    if (changes.length > 0) await transaction.beginBatch();
    try {
      const kept = [];
      for (const change of changes) kept.push(await this.writeChange(change, draft));
      if (changes.length > 0) await transaction.endBatch();
      draft.applyTo(below);
      return { request, draft, changes: Object.freeze(kept), result };
    } catch (error) {
      if (!transaction.shared) throw error;
      await transaction.undoBatch();
      request.reject(this.errorOf(error));
      return undefined;
    }
  }

  private async writeChange(change: ChangeOf<M>, draft: Draft<M>): Promise<ChangeOf<M>> {
    const { id, after } = draft.write(change);
    if (!after) {
      await this.rows.delete(change.kind, id);
      return Object.freeze({ ...change }) as ChangeOf<M>;
    }
    try {
      await this.rows.put(change.kind, after);
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_CONSTRAINT') throw error;
      const name = (after.value as { name?: string }).name ?? id;
      throw conflict(`a ${change.kind} with the name ${name} exists already`, error);
    }
    return Object.freeze({ ...change, value: after.value }) as unknown as ChangeOf<M>;
  }

  private publish({ request, draft, changes, result }: Written<M>): void {
    draft.applyTo(this.memory);
    if (changes.length > 0) this.lastRevision += 1;
    const committed: CommittedOf<M> = Object.freeze({ revision: this.lastRevision, changes });
    if (changes.length > 0) {
      for (const listener of this.listeners) {
        try {
          listener(committed);
        } catch (error) {
          // The commit stands, and the others must hear of it; the fault is the listener's.
          process.emitWarning(error instanceof Error ? error : String(error));
        }
      }
    }
    request.resolve({ committed, result });
  }
}
