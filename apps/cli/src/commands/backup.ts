import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { conflict } from '#lib/common';
import type { Address } from '../client/address.js';
import { asUnreachable, send } from '../client/transport.js';
import type { Context } from '../context.js';
import { unwritable } from '../output/errors.js';

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
      const refuse = (error: unknown) => {
        throw unwritable(path, error);
      };
      const handle = await open(draft, 'wx', 0o600).catch(refuse);
      try {
        await receive(address, handle, refuse).finally(() => handle.close());
        await rename(draft, path).catch(refuse);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      const { size } = await stat(path);
      system.stdout.write(`${path}: ${size} bytes\n`);
    });
}

/** The daemon's answer, onto the disk. Errors of the file go through `refuse`, those of the connection blame it. */
async function receive(address: Address, handle: FileHandle, refuse: (error: unknown) => never): Promise<void> {
  try {
    const answer = await send(address, { method: 'GET', path: '/skep/v1/backup' });
    for await (const chunk of answer) await handle.appendFile(chunk as Buffer).catch(refuse);
  } catch (error) {
    throw asUnreachable(error, address); // a SkepError, as those of the file are, stays what it is
  }
  await handle.sync().catch(refuse);
}
