import { beforeAll } from 'vitest';
import { TestProject } from './project.js';
import type { Snapshot } from './snapshot.js';
import type { World } from './world.js';

interface Sample {
  project: TestProject;
  /** the machine before the sample came */
  before: Snapshot;
}

/** One of docker-compose.samples, up for the tests of a `describe`. Call it after `useWorld`, which ends it. */
export function useSample(world: World, name: string): Sample {
  const sample: Partial<Sample> = {};
  beforeAll(async () => {
    sample.before = await world.node.settled();
    sample.project = TestProject.sample(world.node, name);
    await sample.project.up();
  });
  return sample as Sample;
}
