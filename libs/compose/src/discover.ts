import { dirname, join } from 'node:path';
import { notFound } from '#lib/common';
import type { FileReader } from './files.js';

/** In the order in which they are preferred. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/**
 * The Compose files of the directory, or of the nearest one above it that has some: one base file and, beside it, its
 * override file. Absolute paths. Throws `not_found` with the names that were looked for.
 */
export async function findComposeFiles(cwd: string, reader: FileReader): Promise<string[]> {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const base = await firstOf(directory, NAMES, reader);
    if (base) {
      const override = await firstOf(directory, OVERRIDES, reader);
      return override ? [base, override] : [base];
    }
    if (directory === dirname(directory)) {
      throw notFound(`no Compose file in ${cwd} or above it; looked for ${NAMES.join(', ')}`);
    }
  }
}

async function firstOf(directory: string, names: string[], reader: FileReader): Promise<string | undefined> {
  for (const name of names) {
    const path = join(directory, name);
    if (await reader.exists(path)) return path;
  }
  return undefined;
}
