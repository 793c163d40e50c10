// What a command line loads, in a few files instead of two hundred (docs/adr/0011-the-command-line-is-bundled.md). The
// daemon stays where it was compiled: it starts processes by the files that lie beside its own.
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const dist = join(import.meta.dirname, '../dist');
const daemonApart = {
  name: 'daemon-apart',
  resolveId: (source) =>
    source === './commands/daemon.js' ? { id: '../apps/cli/src/commands/daemon.js', external: true } : null,
};

const bundle = await rolldown({
  input: { skep: join(dist, 'apps/cli/src/main.js') },
  platform: 'node',
  external: ['koffi', 'dockerode'],
  plugins: [daemonApart],
  logLevel: 'warn',
});
await bundle.write({ dir: join(dist, 'cli'), format: 'es', cleanDir: true });
