import type { QueryRunner } from 'typeorm';
import type { KindMap, KindOf, StoredOf } from './changes.js';
import { kindsOf, toRow, type Mapping, type Schema } from './schema.js';

interface Statements {
  columns: string[];
  put: string;
  delete: string;
}

/**
 * Writes rows with statements that are derived once from the entities. TypeORM's own `upsert` builds its SQL at every
 * call, which costs several times what SQLite needs for it.
 */
export class RowWriter<M extends KindMap> {
  private readonly statements = new Map<string, Statements>();

  constructor(
    private readonly runner: QueryRunner,
    private readonly schema: Schema<M>,
  ) {
    for (const kind of kindsOf(schema)) this.statements.set(kind, statementsFor(runner, schema.kinds[kind].entity));
  }

  async put<K extends KindOf<M>>(kind: K, stored: StoredOf<M, K>): Promise<void> {
    const { put, columns } = this.statements.get(kind)!;
    const row = toRow(this.schema, kind, stored) as unknown as Record<string, unknown>;
    await this.runner.query(
      put,
      columns.map((column) => row[column]),
    );
  }

  async delete(kind: KindOf<M>, id: string): Promise<void> {
    await this.runner.query(this.statements.get(kind)!.delete, [id]);
  }
}

function statementsFor(runner: QueryRunner, entity: Mapping<object>['entity']): Statements {
  const { tableName, columns: all } = runner.connection.getMetadata(entity);
  const columns = all.map((column) => column.databaseName);
  const quoted = columns.map((column) => `"${column}"`);
  const updates = quoted.filter((column) => column !== '"id"').map((column) => `${column} = excluded.${column}`);
  return {
    columns,
    put:
      `INSERT INTO "${tableName}" (${quoted.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
      `ON CONFLICT ("id") DO UPDATE SET ${updates.join(', ')}`,
    delete: `DELETE FROM "${tableName}" WHERE "id" = ?`,
  };
}
