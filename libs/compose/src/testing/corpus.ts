import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { LoadOptions } from '../load.js';

/** Inputs and expected results of the reference implementation. They are not part of the repository. */
export const corpus =
  process.env.SKEP_CORPUS ?? resolve(import.meta.dirname, '../../../../../shared/corpus/compose-go');

export interface Case {
  kind: 'merge' | 'unicity' | 'normalize' | 'valid' | 'error' | 'template' | 'ports' | 'dotenv' | 'full-example';
  id: string;
  inputs?: string[];
  expected?: string | string[];
  error?: string;
  match?: 'exact' | 'contains';
  env?: Record<string, string> | string;
  skipNormalization?: boolean;
  skipConsistency?: boolean;
  skipValidation?: boolean;
  resolvePaths?: boolean;
  /** where the project is; /WORKDIR unless given */
  projectDirectory?: string;
}

/** Cases that do not pass, each with its reason. A case that begins to pass has to leave this list. */
export const NOT_YET: Readonly<Record<string, string>> = {};

/** The manifest was made by a program that did not see these options of the original tests. */
export const CORRECTIONS: Readonly<Record<string, Partial<Case>>> = {
  // Services without an image, and dependencies that are not defined: the originals skip this check.
  'valid/loader/TestLoadLegacyBoolean': { skipConsistency: true },
  'valid/loader/TestLoadWithDependsOn': { skipConsistency: true },
  // The manifest leaves it open whether this is accepted, as long as it ends fast. Here it is refused.
  'valid/reset/TestAliasBombPrevented_B3_N10_small_branching': { error: 'excessive aliasing', match: 'contains' },
  // Loaded without a directory, so that nothing gives a name.
  'error/loader/TestLoadEmptyContent_MissingProject': { projectDirectory: '/' },
  // The expected file has BAR=bar, which only the environment can have given.
  'normalize/TestNormalizeEnvironment': { env: { BAR: 'bar' } },
  'normalize/TestNormalizeNetworkNames': { env: { FOO: 'BAR' } },
};

/** Files that the original tests write themselves, by case and path below the project directory. */
const WRITTEN: Readonly<Record<string, Record<string, string>>> = {
  'valid/extends/TestLoadExtendsSameFile': {
    'sub/compose.yaml':
      'services:\n  base:\n    build:\n      context: ..\n  service:\n    extends: base\n    build:\n      target: target\n',
  },
  'valid/extends/TestLoadExtendsListenerMultipleFiles': {
    'sub/compose.yaml': 'services:\n  b:\n    extends: c\n    build:\n      target: fake\n  c:\n    command: echo\n',
  },
  'valid/loader/TestLoadExtendsMultipleFiles': {
    'a/compose.yaml': 'services:\n  a:\n    build: .\n',
    'b/compose.yaml': 'services:\n  b:\n    build: .\n',
  },
  'valid/include/TestLoadWithIncludeEnv': {
    'module/compose.yml': 'services:\n  b:\n    image: alpine\n    environment:\n      - VAR_NAME\n',
    'custom.env': 'VAR_NAME=value\n',
  },
};

export const read = (...path: string[]) => readFileSync(join(corpus, ...path), 'utf8');
export const json = <T>(...path: string[]) => JSON.parse(read(...path)) as T;
export const environmentOf = (test: Case) => (typeof test.env === 'object' ? test.env : {});

const ROOT = '/WORKDIR';

/** Where the corpus has a file of the project; `remote:` stands for the loader that the original tests plug in. */
function placeOf(test: Case, path: string): string | undefined {
  const name = relative(ROOT, path).replace(/^.*remote:/, 'testdata/remote/');
  const folders = [test.id, 'loader', 'loader/testdata/remote', 'full-example'];
  return folders.map((folder) => join(corpus, folder, name)).find((candidate) => existsSync(candidate));
}

/** The options of the original test, with a reader of the corpus. */
export function optionsFor(test: Case): LoadOptions {
  const written = WRITTEN[test.id] ?? {};
  return {
    files: (test.inputs ?? []).map((input) => join(ROOT, input)),
    cwd: ROOT,
    projectDirectory: test.projectDirectory ?? ROOT,
    env: environmentOf(test),
    reader: {
      readFile: async (path) => written[relative(ROOT, path)] ?? readFileSync(placeOf(test, path) ?? path, 'utf8'),
      exists: async (path) => relative(ROOT, path) in written || placeOf(test, path) !== undefined,
    },
    keepEnvFiles: true,
    skipNormalization: test.skipNormalization ?? false,
    skipConsistency: test.skipConsistency ?? false,
    skipValidation: test.skipValidation ?? false,
    resolvePaths: test.resolvePaths ?? true,
  };
}
