import type { QueryRunner } from 'typeorm';

/** Begins with its first batch. Batches that share it have a savepoint each; one that is alone is undone with it. */
export class Transaction {
  private begun = false;

  constructor(
    private readonly runner: QueryRunner,
    readonly shared: boolean,
  ) {}

  async beginBatch(): Promise<void> {
    if (!this.begun) await this.runner.query('BEGIN IMMEDIATE');
    this.begun = true;
    if (this.shared) await this.runner.query('SAVEPOINT batch');
  }

  async endBatch(): Promise<void> {
    if (this.shared) await this.runner.query('RELEASE batch');
  }

  async undoBatch(): Promise<void> {
    await this.runner.query('ROLLBACK TO batch');
    await this.runner.query('RELEASE batch');
  }

  async commit(): Promise<void> {
    if (this.begun) await this.runner.query('COMMIT');
  }

  /** SQLite may have rolled back by itself; then there is nothing left to undo. */
  async rollback(): Promise<void> {
    if (this.begun) await this.runner.query('ROLLBACK').catch(() => undefined);
  }
}
