import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Containers outside services on networks of the cluster, looked up by their node. */
export class Attachments1764036000000 implements MigrationInterface {
  name = 'Attachments1764036000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "attachment" (
      "id" text PRIMARY KEY NOT NULL, "version" integer NOT NULL, "value" text NOT NULL, "nodeId" text NOT NULL)`);
    await runner.query(`CREATE INDEX "attachment_node" ON "attachment" ("nodeId")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "attachment"`);
  }
}
