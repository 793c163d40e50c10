import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a swarm's manager assigned to the node: a row an object, its id made of its kind and its own id. */
export class Assignments1764020000000 implements MigrationInterface {
  name = 'Assignments1764020000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "assignment" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "assignment"');
  }
}
