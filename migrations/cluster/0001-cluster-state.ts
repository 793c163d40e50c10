import type { MigrationInterface, QueryRunner } from 'typeorm';

const NAMED = ['service', 'network', 'secret', 'config'];
const OTHERS = ['cluster', 'node'];

/**
 * The first schema: a table per kind of object, as in node.db. Names of services, networks, secrets and configs are
 * unique, each among its kind; tasks are looked up by the service and the node that they are of.
 */
export class ClusterState1764010000000 implements MigrationInterface {
  name = 'ClusterState1764010000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "meta" (
      "id" integer PRIMARY KEY NOT NULL CHECK ("id" = 1), "nodeId" text NOT NULL, "revision" integer NOT NULL)`);
    const object = '"id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL';
    for (const table of OTHERS) await runner.query(`CREATE TABLE "${table}" (${object})`);
    for (const table of NAMED) {
      await runner.query(`CREATE TABLE "${table}" (${object}, "name" text NOT NULL)`);
      await runner.query(`CREATE UNIQUE INDEX "${table}_name" ON "${table}" ("name")`);
    }
    await runner.query(`CREATE TABLE "task" (${object}, "serviceId" text NOT NULL, "nodeId" text)`);
    await runner.query(`CREATE INDEX "task_service" ON "task" ("serviceId")`);
    await runner.query(`CREATE INDEX "task_node" ON "task" ("nodeId")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['meta', 'task', ...NAMED, ...OTHERS]) await runner.query(`DROP TABLE "${table}"`);
  }
}
