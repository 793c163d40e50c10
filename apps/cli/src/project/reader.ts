import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FileReader } from '#lib/compose';
import type { System } from '../system.js';

/** The file system, in which the file `-` of the current directory is standard input, read once. */
export function systemReader({ cwd, stdin }: Pick<System, 'cwd' | 'stdin'>): FileReader {
  const dash = join(cwd, '-');
  let input: Promise<string> | undefined;
  return {
    readFile: (path) => (path === dash ? (input ??= text(stdin)) : readFile(path, 'utf8')),
    exists: async (path) =>
      path === dash ||
      access(path).then(
        () => true,
        () => false,
      ),
  };
}
