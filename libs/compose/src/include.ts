import { dirname, resolve } from 'node:path';
import { invalid } from '#lib/common';
import { inheritVariables } from './environment.js';
import { readEnvFiles } from './env-files.js';
import { displayName, fileBeside, pathContext, type LayerContext } from './documents.js';
import { mergeModels } from './merge/merge.js';
import { located, positionOf } from './origins.js';
import { resolvePaths } from './paths.js';
import { dict, isDict, kindOf, stringsOf, type Dict, type Value } from './values.js';

/** Loads an included project; handed in because that in turn includes. */
export type LoadLayers = (files: readonly string[], context: LayerContext) => Promise<Dict>;

/**
 * The document over all that it includes. Each included project is loaded whole, with its own directory and its own
 * `.env` under the including project's environment; what the document says itself wins.
 */
export async function applyInclude(
  document: Dict,
  file: string,
  context: LayerContext,
  load: LoadLayers,
): Promise<Dict> {
  const { include } = document;
  if (include === undefined) return document;
  delete document.include;
  const at = (index: number) => positionOf(document, ['include', index]);
  if (include !== null && !Array.isArray(include)) {
    throw invalid(located(at(0), `include must be a list; found ${kindOf(include)}`));
  }
  let model = dict();
  for (const [index, entry] of (include ?? []).entries()) {
    const paths = isDict(entry) ? stringsOf(entry.path) : [];
    if (!isDict(entry) || paths.length === 0) {
      throw invalid(
        located(at(index), `include.${index} must be a path or a mapping with path; found ${kindOf(entry)}`),
      );
    }
    model = mergeModels(model, await loadIncluded(entry, paths, file, context, load));
  }
  return mergeModels(model, document);
}

async function loadIncluded(
  entry: Dict,
  paths: string[],
  file: string,
  context: LayerContext,
  load: LoadLayers,
): Promise<Dict> {
  const files = paths.map((path) => fileBeside(path, context));
  const trail = [...context.trail, file];
  const repeated = files.find((path) => trail.includes(path));
  if (repeated) {
    const names = [...trail, repeated].map((path) => displayName(path, context.cwd));
    throw invalid(`include cycle detected: ${names.join(' includes ')}`);
  }
  const { project_directory: given } = entry;
  const directory = typeof given === 'string' ? resolve(context.directory, given) : dirname(files[0]!);
  const env = { ...(await ownEnvironment(entry.env_file, directory, context)), ...context.env };
  const own = { ...context, directory, env, trail, parsed: new Map() };
  const model = await load(files, own);
  delete model.name;
  resolvePaths(model, pathContext(own));
  if (context.interpolate) inheritVariables(model, env);
  return model;
}

async function ownEnvironment(
  given: Value | undefined,
  directory: string,
  context: LayerContext,
): Promise<Record<string, string>> {
  const files = stringsOf(given).map((path) => fileBeside(path, context));
  return readEnvFiles(files.length > 0 ? files : undefined, directory, context.env, context.reader);
}
