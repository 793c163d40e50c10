import { join } from 'node:path';
import { invalid, messageOf } from '#lib/common';
import { parseDotenv } from './dotenv/dotenv.js';
import type { FileReader } from './files.js';

/**
 * A project's own environment: the files that were asked for, a later one over an earlier, or `.env` of the project
 * directory if there is one. `env` wins in the replacement of variables, and is not part of the result.
 */
export async function readEnvFiles(
  files: readonly string[] | undefined,
  directory: string,
  env: Readonly<Record<string, string>>,
  reader: FileReader,
): Promise<Record<string, string>> {
  const standard = join(directory, '.env');
  const chosen = files ?? ((await reader.exists(standard)) ? [standard] : []);
  const values: Record<string, string> = {};
  for (const file of chosen) {
    const text = await reader.readFile(file).catch((error: unknown) => {
      throw invalid(`cannot read the environment file ${file}: ${messageOf(error)}`, error);
    });
    Object.assign(
      values,
      parseDotenv(text, file, (name) => (Object.hasOwn(env, name) ? env[name] : values[name])),
    );
  }
  return values;
}
