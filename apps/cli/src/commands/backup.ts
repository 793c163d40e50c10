import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { conflict } from '#lib/common';
import { asUnreachable, send } from '../client/transport.js';
import type { Context } from '../context.js';

export function define(command: Command, context: Context): void {
  command
    .description(
      "Writes the node's state, and that of the swarm that it manages, while both go on. The file has the keys of the\n" +
        'cluster and of its secrets: whoever reads it owns the cluster. Images and volumes are not in it.',
    )
    .argument('<file>', 'the backup, mode 0600')
    .option('-f, --force', 'replace a file that is there')
    .action(async (file: string, { force = false }: { force?: boolean }) => {
      const { system } = context;
      const path = resolve(system.cwd, file);
      const there = await stat(path).catch(() => undefined);
      if (there && !force)
        throw conflict(`${path} is there already; say --force to replace it, or choose another name`);
      const { address } = await context.client();
      const draft = `${path}.${process.pid}.part`;
      try {
        const answer = await send(address, { method: 'GET', path: '/skep/v1/backup' });
        await pipeline(answer, createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }));
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw asUnreachable(error, address);
      }
      const { size } = await stat(path);
      system.stdout.write(`${path}: ${size} bytes\n`);
    });
}
