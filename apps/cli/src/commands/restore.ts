import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { forbidden } from '#lib/common';
import type { Context } from '../context.js';
import { DEFAULT_CONFIG_FILE, readConfigFile, resolveConfig } from '../daemon/config.js';

export function define(command: Command, context: Context): void {
  command
    .description(
      "Puts a backup's state into the data root of a node whose daemon does not run. It then starts as it was: with its\n" +
        'networks, containers and volumes, and as the manager of its swarm.',
    )
    .argument('<file>', 'what skep backup wrote')
    .option('--config <path>', `the daemon's configuration file, for its data root (default: ${DEFAULT_CONFIG_FILE})`)
    .addOption(
      new Option('--data-root <path>', 'a data root, whatever the configuration file says').conflicts('config'),
    )
    .option('-f, --force', 'set the state that is there aside')
    .action(async (file: string, options: { config?: string; dataRoot?: string; force?: boolean }) => {
      if (process.geteuid?.() !== 0) {
        throw forbidden('the data root is for root alone: run it as root (sudo skep restore)');
      }
      // Passable for all, whatever the shell's umask is: the daemon's containers reach their files by path.
      process.umask(0o022);
      const { cwd, stdout } = context.system;
      const { config, force = false } = options;
      const dataRoot = resolve(cwd, options.dataRoot ?? configuredDataRoot(config && resolve(cwd, config)));
      const { restore } = await import('../backup/restore.js');
      const { manifest, aside } = await restore(resolve(cwd, file), dataRoot, force);
      const { nodeId, role, createdAt } = manifest;
      const what = role ? `node ${nodeId.slice(0, 12)}, ${role} of a swarm,` : `node ${nodeId.slice(0, 12)}`;
      stdout.write(`restored ${what} as of ${createdAt} in ${dataRoot}\n`);
      if (aside === undefined) return;
      stdout.write(`what was there is in ${aside}\n`);
      stdout.write('what another node ran from there is taken down when the daemon starts; its volumes stay\n');
    });
}

/** Where a daemon with that configuration file looks for its state. A file that it would refuse is refused here too. */
function configuredDataRoot(config: string | undefined): string {
  const given = readConfigFile(config);
  return resolveConfig({}, { name: config ?? DEFAULT_CONFIG_FILE, given }).dataRoot;
}
