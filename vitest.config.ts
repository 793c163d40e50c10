import { defineConfig } from 'vitest/config';

// Every process of Node reads this file at its start, which takes longer than all else it does then. No test asks anybody
// whose certificate it would vouch for.
delete process.env['NODE_EXTRA_CA_CERTS'];

const project = (name: string, include: string[], options: object = {}) => ({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { name, include, ...options },
});

/** What runs with Docker Engine underneath, too, each time: containers, networks, streams, names, clients. */
const WITH_DOCKER = [
  'docker-run-options',
  'docker-streams',
  'engine-api-containers',
  'engine-api-networks',
  'isolation',
  'network-dns',
  'other-clients',
  'reference-text',
];

/**
 * What would make all of it longer than half an hour, or needs a quiet machine: `npx vitest run --project e2e-long
 * --maxWorkers 1`, before a release.
 */
const LONG = ['demos', 'swarm-docker-stack', 'swarm-ingress6', 'swarm-power', 'swarm-traffic'];

/** Promises by the clock: nothing runs beside them. */
const TIMED = ['create-and-remove', 'deadlines', 'deadlines-swarm'];

const specs = (names: readonly string[]) => names.map((name) => `test/e2e/${name}.e2e-spec.ts`);

/** Each file has machines of its own, and waits much of its time; more at once are late where processors are slow. */
const E2E = { maxWorkers: 2, testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      // One process for many files: loading what they import took two thirds of the time.
      project('unit', ['{apps,libs,migrations,test/meta}/**/*.spec.ts'], { maxWorkers: 2, isolate: false }),
      // Real kernel, real engine: root only. Each file works in namespaces and under names of its own.
      project('kernel', ['{apps,libs}/**/*.kernel-spec.ts'], {
        maxWorkers: 3,
        testTimeout: 60_000,
        hookTimeout: 120_000,
      }),
      project('e2e', ['test/e2e/**/*.e2e-spec.ts'], { ...E2E, exclude: specs([...LONG, ...TIMED]) }),
      project('e2e-long', specs(LONG), E2E),
      project('e2e-timed', specs(TIMED), { ...E2E, maxWorkers: 1 }),
      project('e2e-docker', specs(WITH_DOCKER), { ...E2E, env: { SKEP_TEST_ENGINE: 'docker' } }),
    ],
  },
});
