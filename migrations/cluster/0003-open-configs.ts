import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Configs are sealed from here on. The key is not in the database, so those that lie open are only marked; the manager seals
 * them when it starts. A version that would take what is sealed for their content refuses the database by this name.
 */
export class OpenConfigs1764122400000 implements MigrationInterface {
  name = 'OpenConfigs1764122400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE "config" SET "value" = json_set("value", '$.legacy', 'open')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE "config" SET "value" = json_remove("value", '$.legacy')`);
  }
}
