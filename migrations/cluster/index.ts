import type { MigrationInterface } from 'typeorm';
import { ClusterState1764010000000 } from './0001-cluster-state.js';

/** Migrations of cluster.db, oldest first. Their names, once released, never change: a database remembers them. */
export const clusterMigrations = [ClusterState1764010000000] satisfies (new () => MigrationInterface)[];
