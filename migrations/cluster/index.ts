import type { MigrationInterface } from 'typeorm';
import { ClusterState1764010000000 } from './0001-cluster-state.js';
import { Attachments1764036000000 } from './0002-attachments.js';
import { OpenConfigs1764122400000 } from './0003-open-configs.js';

/** Migrations of cluster.db, oldest first. Their names, once released, never change: a database remembers them. */
export const clusterMigrations = [
  ClusterState1764010000000,
  Attachments1764036000000,
  OpenConfigs1764122400000,
] satisfies (new () => MigrationInterface)[];
