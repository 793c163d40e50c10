import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's folder, above this file, compiled or not; undefined where its package.json is away. */
export function packageRoot(): string | undefined {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (manifestIn(folder)?.name === 'skep') return folder;
  }
  return undefined;
}

/** The version in the package's own package.json. */
export function skepVersion(): string {
  const root = packageRoot();
  return (root && manifestIn(root)?.version) ?? 'unknown';
}

function manifestIn(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
