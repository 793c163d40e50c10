import type { MigrationInterface } from 'typeorm';
import { ClusterState1764010000000 } from './0001-cluster-state.js';
import { Attachments1764036000000 } from './0002-attachments.js';

/** Migrations of cluster.db, oldest first. Their names, once released, never change: a database remembers them. */
export const clusterMigrations = [
  ClusterState1764010000000,
  Attachments1764036000000,
] satisfies (new () => MigrationInterface)[];
