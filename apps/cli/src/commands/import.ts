import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { invalid, messageOf } from '#lib/common';
import type { Context } from '../context.js';

export function define(command: Command, context: Context): void {
  command
    .argument('<file>', 'a tar of a root file system, or - for standard input')
    .argument('<name:tag>', 'name of the image')
    .action(async (file: string, name: string) => {
      const { stdin, stdout } = context.system;
      const tar = file === '-' ? Readable.from(stdin) : (await opened(file)).createReadStream();
      const { id } = await (await context.client()).importImage(tar, name);
      stdout.write(`${id}\n`);
    });
}

async function opened(file: string) {
  try {
    const handle = await open(file);
    if (!(await handle.stat()).isDirectory()) return handle;
    await handle.close();
  } catch (error) {
    throw invalid(`${file}: cannot be read: ${messageOf(error)}`, error);
  }
  throw invalid(`${file}: is a directory; make a tar of it first (tar -C ${file} -cf - . | skep import - NAME:TAG)`);
}
