import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { run } from '../../test/e2e/harness/process.js';
import type { Comparison } from '../measure.js';
import type { Stage } from '../stage/stage.js';
import { isMet, ratioOf } from './table.js';

const FOLDER = join(import.meta.dirname, '../results');

export interface Surroundings {
  machine: { cpu: string; cores: number; kernel: string };
  versions: Record<string, string>;
  /** runnable processes, mean of the last minute, before the first measure */
  load: number;
}

/** What the figures depend on and ratios hide. */
export async function surroundingsOf(stage: Stage): Promise<Surroundings> {
  const { engine, version } = await stage.node.info();
  // Empty outside a Git checkout.
  const commit = (await run('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname })).stdout.trim();
  return {
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), kernel: release() },
    versions: {
      skep: [version, commit].filter(Boolean).join('+'),
      [engine.name]: engine.version,
      docker: await stage.docker.version(),
      'docker-compose': (await stage.docker.compose('version', '--short')).trim(),
      node: process.versions.node,
    },
    load: loadavg()[0] ?? 0,
  };
}

/** Returns the path of results/DATE.json; a second run on a day replaces the first. */
export async function writeResults(surroundings: Surroundings, comparisons: readonly Comparison[]): Promise<string> {
  const date = new Date().toISOString();
  const path = join(FOLDER, `${date.slice(0, 10)}.json`);
  const lines = comparisons.map((each) => ({ ...each, ratio: ratioOf(each), met: isMet(each) }));
  await mkdir(FOLDER, { recursive: true });
  await writeFile(path, `${JSON.stringify({ date, ...surroundings, comparisons: lines }, undefined, 2)}\n`);
  return path;
}
