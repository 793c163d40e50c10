import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], options: object = {}) => ({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { name, include, ...options },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', ['{apps,libs,migrations,test/meta}/**/*.spec.ts']),
      // Real kernel, real engine: root only, one file at a time because they share the machine.
      project('kernel', ['{apps,libs}/**/*.kernel-spec.ts'], {
        fileParallelism: false,
        testTimeout: 60_000,
        hookTimeout: 120_000,
      }),
      // Each file has machines of its own, and waits more than it works.
      project('e2e', ['test/e2e/**/*.e2e-spec.ts'], {
        maxWorkers: 2,
        testTimeout: 300_000,
        hookTimeout: 300_000,
      }),
    ],
  },
});
