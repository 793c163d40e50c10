// The child process of libs/store/src/crash.spec.ts: commits volumes v0, v1, … and prints a name once its commit is acknowledged.
import { openNodeStore } from '#lib/store';
import type { Volume } from '#lib/domain';

const store = await openNodeStore(process.argv[2]!);
process.stdout.write('open\n');

const volume = (name: string): Volume => ({
  name,
  driver: 'local',
  options: {},
  labels: { filler: 'x'.repeat(2_000) },
  createdAt: '2026-01-01T00:00:00.000Z',
  target: 'present',
});

for (let n = 0; ; n += 4) {
  await Promise.all(
    [n, n + 1, n + 2, n + 3].map(async (number) => {
      await store.commit([{ op: 'put', kind: 'volume', value: volume(`v${number}`), expect: 0 }]);
      process.stdout.write(`v${number}\n`);
    }),
  );
}
