import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema: a table per kind of object. `value` is the object as JSON; the columns beside it repeat the fields
 * that must be unique or that a person with a SQL prompt looks for.
 *
 * There are no foreign keys between the tables: the order of changes in a batch has no meaning, and the rules between
 * objects are checked where the batch is decided.
 */
export class DesiredState1764000000000 implements MigrationInterface {
  name = 'DesiredState1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "meta" (
      "id" integer PRIMARY KEY NOT NULL CHECK ("id" = 1), "nodeId" text NOT NULL, "revision" integer NOT NULL)`);
    await runner.query(`CREATE TABLE "network" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL,
      "name" text NOT NULL, "target" text NOT NULL)`);
    await runner.query(`CREATE TABLE "container" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL,
      "name" text NOT NULL, "target" text NOT NULL, "project" text)`);
    await runner.query(`CREATE TABLE "status" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL)`);
    await runner.query(`CREATE TABLE "volume" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL, "project" text)`);
    await runner.query(`CREATE TABLE "project" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL)`);
    await runner.query(`CREATE UNIQUE INDEX "network_name" ON "network" ("name") WHERE target <> 'removed'`);
    await runner.query(`CREATE UNIQUE INDEX "container_name" ON "container" ("name") WHERE target <> 'removed'`);
    await runner.query(`CREATE INDEX "container_project" ON "container" ("project")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['meta', 'network', 'container', 'status', 'volume', 'project']) {
      await runner.query(`DROP TABLE "${table}"`);
    }
  }
}
