import { resolve } from 'node:path';
import type { Command } from 'commander';
import { forbidden } from '#lib/common';
import type { Context } from '../context.js';

export function define(command: Command, context: Context): void {
  command
    .description(
      "Puts a backup's state into the data root of a node whose daemon does not run. It then starts as it was: with its\n" +
        'networks, containers and volumes, and as the manager of its swarm.',
    )
    .argument('<file>', 'what skep backup wrote')
    .option('--data-root <path>', "the node's", '/var/lib/skep')
    .option('-f, --force', 'set the state that is there aside')
    .action(async (file: string, { dataRoot, force = false }: { dataRoot: string; force?: boolean }) => {
      if (process.geteuid?.() !== 0) {
        throw forbidden('the data root is for root alone: run it as root (sudo skep restore)');
      }
      const { cwd, stdout } = context.system;
      const { restore } = await import('../backup/restore.js');
      const { manifest, aside } = await restore(resolve(cwd, file), resolve(cwd, dataRoot), force);
      const { nodeId, role, createdAt } = manifest;
      const what = role ? `node ${nodeId.slice(0, 12)}, ${role} of a swarm,` : `node ${nodeId.slice(0, 12)}`;
      stdout.write(`restored ${what} as of ${createdAt} in ${resolve(cwd, dataRoot)}\n`);
      if (aside !== undefined) stdout.write(`what was there is in ${aside}\n`);
    });
}
