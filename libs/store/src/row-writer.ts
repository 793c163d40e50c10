import type { QueryRunner } from 'typeorm';
import type { Kind, Stored } from './changes.js';
import { entityOf, KINDS, toRow } from './kinds.js';

interface Statements {
  columns: string[];
  put: string;
  delete: string;
}

/**
 * Writes rows with statements that are derived once from the entities. TypeORM's own `upsert` builds its SQL at every
 * call, which costs several times what SQLite needs for it.
 */
export class RowWriter {
  private readonly statements = new Map<Kind, Statements>();

  constructor(private readonly runner: QueryRunner) {
    for (const kind of KINDS) this.statements.set(kind, statementsFor(runner, kind));
  }

  async put<K extends Kind>(kind: K, { version, value }: Stored<K>): Promise<void> {
    const { put, columns } = this.statements.get(kind)!;
    const row = toRow(kind, version, value) as unknown as Record<string, unknown>;
    await this.runner.query(
      put,
      columns.map((column) => row[column]),
    );
  }

  async delete(kind: Kind, id: string): Promise<void> {
    await this.runner.query(this.statements.get(kind)!.delete, [id]);
  }
}

function statementsFor(runner: QueryRunner, kind: Kind): Statements {
  const { tableName, columns: all } = runner.connection.getMetadata(entityOf(kind));
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
