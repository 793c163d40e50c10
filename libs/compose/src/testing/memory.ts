import { SkepError } from '#lib/common';
import type { FileReader } from '../files.js';
import { loadProject, type LoadedProject, type LoadOptions } from '../load.js';

/** Files that are only text. */
export function memoryFiles(files: Readonly<Record<string, string>>): FileReader {
  return {
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    exists: async (path) => path in files,
  };
}

/** Loads `/app/compose.yaml` among other files of `/app`. */
export function load(
  files: string | Record<string, string>,
  options: Partial<LoadOptions> = {},
): Promise<LoadedProject> {
  const all = typeof files === 'string' ? { 'compose.yaml': files } : files;
  const reader = memoryFiles(Object.fromEntries(Object.entries(all).map(([name, text]) => [`/app/${name}`, text])));
  return loadProject({ files: ['compose.yaml'], cwd: '/app', env: {}, reader, ...options });
}

/** The lines of the SkepError that `action` has to throw. */
export async function refusal(action: () => unknown): Promise<string[]> {
  try {
    await action();
  } catch (error) {
    if (SkepError.is(error)) return error.message.split('\n');
    throw error;
  }
  throw new Error('nothing was refused');
}
