import { delimiter, dirname, resolve } from 'node:path';
import { checkConsistency } from './consistency.js';
import { checkCycles } from './cycles.js';
import { applyDefaults } from './defaults.js';
import { findComposeFiles } from './discover.js';
import { parseFile, pathContext, type LayerContext } from './documents.js';
import { readEnvFiles } from './env-files.js';
import { resolveEnvironment } from './environment.js';
import { modernExternal } from './external.js';
import type { FileReader } from './files.js';
import { substitute } from './interpolation/template.js';
import { loadLayers } from './layers.js';
import { dropTags } from './merge/merge.js';
import { makeUnique } from './merge/unicity.js';
import type { Project } from './model/project.js';
import { normalise } from './normalise.js';
import { located, positionOf, type Position } from './origins.js';
import { resolvePaths, resolveProfiles } from './paths.js';
import { selectProfiles } from './profiles.js';
import { chooseName } from './project-name.js';
import { checkSchema } from './schema/schema.js';
import { validate } from './validation.js';
import { dict, type Dict, type Path } from './values.js';

export interface LoadOptions {
  /** absolute, or relative to `cwd`; a later file overrides an earlier one. Empty: COMPOSE_FILE, else the standard names */
  files: readonly string[];
  /** absolute */
  cwd: string;
  /** what relative paths in the files are relative to; the first file's directory unless given */
  projectDirectory?: string;
  projectName?: string;
  /** the operating system's */
  env: Readonly<Record<string, string>>;
  /** in place of `.env` */
  envFiles?: readonly string[];
  /** in place of COMPOSE_PROFILES; `*` is every profile */
  profiles?: readonly string[];
  /** services that the caller names, which are there whatever their profiles */
  services?: readonly string[];
  reader: FileReader;
  /** keep `env_file` and `label_file` beside the values that they gave */
  keepEnvFiles?: boolean;
  /** leaves variables as they are written; what holds one is neither converted nor checked */
  skipInterpolation?: boolean;
  skipValidation?: boolean;
  skipNormalization?: boolean;
  skipConsistency?: boolean;
  skipResolveEnvironment?: boolean;
  /** false leaves relative paths as they are */
  resolvePaths?: boolean;
}

export interface LoadedProject {
  project: Project;
  /** for people; without duplicates */
  warnings: string[];
  /** services that no active profile enables */
  disabledServices: string[];
  /** absolute */
  files: string[];
  /** absolute */
  projectDirectory: string;
  /** the operating system's environment over `.env` */
  environment: Record<string, string>;
  sources: {
    /** where the value at a path (`['services', 'web', 'ports', 0]`) was written, or its nearest ancestor that was */
    at(path: Path): Position | undefined;
  };
}

/** Loads Compose files into one canonical project. Throws a SkepError that says what is wrong, and where. */
export async function loadProject(options: LoadOptions): Promise<LoadedProject> {
  const warnings = new Set<string>();
  const { files, projectDirectory, environment } = await locate(options);
  const context: LayerContext = {
    reader: options.reader,
    cwd: options.cwd,
    directory: projectDirectory,
    env: environment,
    interpolate: !options.skipInterpolation,
    warn: (message) => warnings.add(message),
    trail: [],
    parsed: new Map(),
  };
  const name = chooseName({
    explicit: options.projectName,
    env: environment.COMPOSE_PROJECT_NAME,
    file: await nameInFiles(files, context),
    directory: projectDirectory,
  });
  environment.COMPOSE_PROJECT_NAME = name;

  const model = await loadLayers(files, context);
  model.name = name;
  const disabledServices = await finish(model, name, options, context);
  for (const section of ['services', 'networks', 'volumes', 'secrets', 'configs']) model[section] ??= dict();
  const project = model as unknown as Project;
  const sources = { at: (path: Path) => positionOf(project, path) };
  return { project, warnings: [...warnings], disabledServices, files, projectDirectory, environment, sources };
}

/** The phases after all files are one model; in this order. Returns the disabled services. */
async function finish(model: Dict, name: string, options: LoadOptions, context: LayerContext): Promise<string[]> {
  const { env } = context;
  const warn = (path: Path, message: string) => context.warn(located(positionOf(model, path), message));
  if (model.version !== undefined)
    warn(['version'], 'the attribute `version` is obsolete, it will be ignored; remove it');
  delete model.version;

  dropTags(model);
  modernExternal(model, warn);
  checkSchema(model, warn, !context.interpolate);
  makeUnique(model);
  applyDefaults(model);
  if (!options.skipValidation) validate(model);
  if (options.resolvePaths !== false) {
    resolvePaths(model, pathContext(context));
    resolveProfiles(model, pathContext(context));
  }
  const active = options.profiles ?? list(env.COMPOSE_PROFILES, ',');
  const disabled = selectProfiles(model, active, options.services ?? []);
  if (!options.skipResolveEnvironment) {
    const { reader, directory } = context;
    await resolveEnvironment(model, env, { reader, directory, keep: options.keepEnvFiles === true });
  }
  if (!options.skipNormalization) normalise(model, name, env);
  if (!options.skipConsistency) {
    checkConsistency(model, disabled);
    checkCycles(model);
  }
  return disabled;
}

/**
 * What is loaded, from where, and with which variables. Where the caller names no files, the `.env` of `cwd` may name them; it then counts
 * before that of the project directory, and the operating system's environment before both.
 */
async function locate(options: LoadOptions) {
  const { cwd, reader, env } = options;
  const envFiles = options.envFiles?.map((file) => resolve(cwd, file));
  const given = options.files.map((file) => resolve(cwd, file));
  const chosenDirectory = options.projectDirectory === undefined ? undefined : resolve(cwd, options.projectDirectory);
  const place = chosenDirectory ?? (given.length > 0 ? dirname(given[0]!) : cwd);

  const first = { ...(await readEnvFiles(envFiles, place, env, reader)), ...env };
  const named = list(first.COMPOSE_FILE, first.COMPOSE_PATH_SEPARATOR || delimiter);
  const files =
    given.length > 0
      ? given
      : named.length > 0
        ? named.map((file) => resolve(cwd, file))
        : await findComposeFiles(place, reader);

  const projectDirectory = chosenDirectory ?? dirname(files[0]!);
  const second = projectDirectory === place ? {} : await readEnvFiles(envFiles, projectDirectory, first, reader);
  return { files, projectDirectory, environment: { ...second, ...first } as Record<string, string> };
}

/** `name:` of the last file that has one. */
async function nameInFiles(files: readonly string[], context: LayerContext): Promise<string | undefined> {
  let name: string | undefined;
  for (const file of files) {
    for (const document of await parseFile(file, context)) {
      if (typeof document.name === 'string') name = substitute(document.name, (key) => context.env[key]);
    }
  }
  return name;
}

const list = (text: string | undefined, separator: string): string[] =>
  (text ?? '')
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
