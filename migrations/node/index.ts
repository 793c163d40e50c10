import type { MigrationInterface } from 'typeorm';
import { DesiredState1764000000000 } from './0001-desired-state.js';
import { Assignments1764020000000 } from './0002-assignments.js';

/** Migrations of node.db, oldest first. Their names, once released, never change: a database remembers them. */
export const nodeMigrations = [
  DesiredState1764000000000,
  Assignments1764020000000,
] satisfies (new () => MigrationInterface)[];
