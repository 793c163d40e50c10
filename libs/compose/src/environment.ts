import { resolve } from 'node:path';
import { invalid, messageOf } from '#lib/common';
import { parseDotenv, parseRawEnv } from './dotenv/dotenv.js';
import type { Lookup } from './interpolation/template.js';
import type { FileReader } from './files.js';
import { carryOrigins, located, mark, originIn, positionOf } from './origins.js';
import { dict, dictAt, dictsIn, isDict, type Dict, type Value } from './values.js';

type Env = Readonly<Record<string, string>>;

/**
 * Reads `env_file` and `label_file` into `environment` and `labels`, in place: the service's own entries win over the
 * files, a later file over an earlier one. Variables in the files are replaced from `env`, then from the service's own entries. A variable without a value takes it from `env`, and stays null when that has none.
 */
export async function resolveEnvironment(
  model: Dict,
  env: Env,
  files: { reader: FileReader; directory: string; keep: boolean },
): Promise<void> {
  const { reader, directory, keep } = files;
  for (const [name, service] of dictsIn(model, 'services')) {
    const at = (key: string, index: number) => positionOf(model, ['services', name, key, index]);
    const own = dictAt(service, 'environment') ?? {};
    const lookup = (key: string) => (Object.hasOwn(env, key) ? env[key] : textOf(own[key]));
    const environment = await fromFiles(items(service.env_file, directory), lookup, reader, (index) =>
      at('env_file', index),
    );
    const labels = await fromFiles(items(service.label_file, directory), lookup, reader, (index) =>
      at('label_file', index),
    );
    override(service, 'environment', environment);
    override(service, 'labels', labels);
    if (!keep) {
      delete service.env_file;
      delete service.label_file;
    }
  }
  inheritVariables(model, env);
}

/** Gives variables without a value theirs, in place. Included projects do it with their own environment. */
export function inheritVariables(model: Dict, env: Env): void {
  for (const [, service] of dictsIn(model, 'services')) {
    const environment = dictAt(service, 'environment') ?? {};
    for (const [key, value] of Object.entries(environment)) {
      if (value === null && Object.hasOwn(env, key)) environment[key] = env[key]!;
    }
  }
}

interface FileEntry {
  path: string;
  required: boolean;
  raw: boolean;
}

/** Paths are absolute already unless the caller asked to leave them as they are. */
const items = (value: Value | undefined, directory: string): FileEntry[] =>
  (Array.isArray(value) ? value : []).map((item) =>
    isDict(item)
      ? { path: resolve(directory, String(item.path)), required: item.required !== false, raw: item.format === 'raw' }
      : { path: resolve(directory, String(item)), required: true, raw: false },
  );

async function fromFiles(
  entries: FileEntry[],
  lookup: Lookup,
  reader: FileReader,
  at: (index: number) => ReturnType<typeof positionOf>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [index, { path, required, raw }] of entries.entries()) {
    if (!required && !(await reader.exists(path))) continue;
    const text = await reader.readFile(path).catch((error: unknown) => {
      throw invalid(located(at(index), `env file ${path} not found or not readable: ${messageOf(error)}`), error);
    });
    Object.assign(values, raw ? parseRawEnv(text, path, lookup) : parseDotenv(text, path, lookup));
  }
  return values;
}

function override(service: Dict, key: 'environment' | 'labels', fromFile: Record<string, string>): void {
  if (Object.keys(fromFile).length === 0) return;
  const own = dictAt(service, key) ?? dict();
  const result = carryOrigins(own, dict());
  const files = key === 'environment' ? 'env_file' : 'label_file';
  for (const [name, value] of Object.entries(fromFile)) {
    result[name] = value;
    if (!(name in own)) mark(result, name, originIn(service, files));
  }
  for (const [name, value] of Object.entries(own)) result[name] = value;
  service[key] = result;
}

const textOf = (value: Value | undefined) => (typeof value === 'string' ? value : undefined);
