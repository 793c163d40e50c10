import { dirname, relative, resolve } from 'node:path';
import { invalid, messageOf, notFound } from '#lib/common';
import { toCanonical } from './canonical/canonical.js';
import type { FileReader } from './files.js';
import { interpolate } from './interpolation/interpolate.js';
import { SourceText } from './origins.js';
import type { PathContext } from './paths.js';
import type { Dict } from './values.js';
import { parseYaml } from './yaml/parse.js';

/** What one project, or one included project, is loaded with. */
export interface LayerContext {
  reader: FileReader;
  /** absolute; what file names in messages are relative to */
  cwd: string;
  /** absolute; what relative paths in the files are relative to */
  directory: string;
  env: Readonly<Record<string, string>>;
  interpolate: boolean;
  warn: (message: string) => void;
  /** files that are being included or extended, outermost first */
  trail: readonly string[];
  /** parsed files, because many services may extend one file */
  parsed: Map<string, Promise<Dict[]>>;
}

/** The documents of a file: parsed, interpolated, canonical. The caller owns them. */
export async function readDocuments(file: string, context: LayerContext): Promise<Dict[]> {
  const documents = await parseFile(file, context);
  const unset = (name: string) => context.warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  const lookup = (name: string) => (Object.hasOwn(context.env, name) ? context.env[name] : undefined);
  return documents.map((document) =>
    toCanonical(interpolate(document, context.interpolate ? lookup : undefined, unset), !context.interpolate),
  );
}

/** The raw documents of a file, read once. */
export function parseFile(file: string, context: LayerContext): Promise<Dict[]> {
  const known = context.parsed.get(file);
  if (known) return known;
  const parsing = readText(file, context).then((text) =>
    parseYaml(new SourceText(displayName(file, context.cwd), text)),
  );
  context.parsed.set(file, parsing);
  return parsing;
}

async function readText(file: string, context: LayerContext): Promise<string> {
  if (!(await context.reader.exists(file))) throw notFound(`no such Compose file: ${displayName(file, context.cwd)}`);
  return context.reader.readFile(file).catch((error: unknown) => {
    throw invalid(`cannot read ${displayName(file, context.cwd)}: ${messageOf(error)}`, error);
  });
}

/** The path as people would write it where they stand. */
export function displayName(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return short.startsWith('..') ? file : short;
}

/** A file that another one names. */
export const fileBeside = (file: string, context: LayerContext) => resolve(context.directory, file);

/** How the paths in the files become absolute. */
export const pathContext = ({ directory, env, interpolate: replaced }: LayerContext): PathContext => ({
  directory,
  home: env.HOME,
  asWritten: !replaced,
});

/** The context for what a file in another directory says. */
export const contextOf = (file: string, context: LayerContext): LayerContext => ({
  ...context,
  directory: dirname(file),
});
