import { DEMO_IMAGE } from '../../test/e2e/harness/image.js';
import type { Measure } from '../measure.js';
import { takeTurns, timed } from '../turns.js';

/** The same `docker run --rm` against both: create, attach, wait, start, output, exit code, removal. */
export const measureRun: Measure = async ({ node, docker }, { rounds }) => {
  const args = ['run', '--rm', DEMO_IMAGE, 'true'];
  const { skep, docker: theirs } = await takeTurns(rounds, {
    skep: () => timed(() => node.mustDocker(args)),
    docker: () => timed(() => docker.docker(...args)),
  });
  return [
    {
      what: 'docker run --rm',
      unit: 'ms',
      skep,
      peer: 'Docker Engine, the same docker CLI',
      theirs,
      bar: { relation: '<=', ratio: 1 },
    },
  ];
};
