import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Project } from '#lib/compose';
import type { Context } from '../context.js';
import { unwritable } from '../output/errors.js';
import { json } from '../output/table.js';
import { loadFiles } from '../project/load.js';

interface ConfigOptions {
  format: 'yaml' | 'json';
  quiet?: boolean;
  output?: string;
  interpolate: boolean;
  services?: boolean;
  volumes?: boolean;
  networks?: boolean;
  images?: boolean;
}

export function define(command: Command, context: Context): void {
  command
    .argument('[services...]', 'only these and what they depend on')
    .addOption(new Option('--format <how>', 'yaml or json').choices(['yaml', 'json']).default('yaml'))
    .option('-q, --quiet', 'only check')
    .option('-o, --output <file>', 'write to a file')
    .option('--no-interpolate', 'leave variables as they are written')
    .option('--services', 'only names of services')
    .option('--volumes', 'only names of volumes')
    .option('--networks', 'only names of networks')
    .option('--images', 'only images')
    .action(async (services: string[], options: ConfigOptions) => {
      const { checkNetworks, selectServices, toYaml } = await import('#lib/compose');
      const asWritten = !options.interpolate;
      const { project } = await loadFiles(context, {
        services,
        skipInterpolation: asWritten,
        skipResolveEnvironment: asWritten,
        skipConsistency: asWritten,
      });
      if (!asWritten) checkNetworks(project);
      if (services.length > 0) keepServices(project, selectServices(project, services));
      if (options.quiet) return;
      const text =
        listing(project, options) ??
        (options.format === 'json'
          ? json(asWritten ? project : withDollarsDoubled(project))
          : toYaml(project, { asWritten }));
      if (options.output === undefined) context.system.stdout.write(text);
      else await write(resolve(context.system.cwd, options.output), text);
    });
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw unwritable(path, error);
  });
}

/** So that reading it again interpolates nothing. */
function withDollarsDoubled(project: Project): unknown {
  return JSON.parse(JSON.stringify(project), (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('$', '$$$$') : value,
  );
}

function keepServices(project: Project, kept: readonly string[]): void {
  for (const name of Object.keys(project.services)) if (!kept.includes(name)) delete project.services[name];
}

/** What one of the options that list something asks for; undefined for the whole model. */
function listing(project: Project, options: ConfigOptions): string | undefined {
  const lines = (words: readonly string[]) => words.map((word) => `${word}\n`).join('');
  if (options.services) return lines(Object.keys(project.services));
  if (options.volumes) return lines(Object.keys(project.volumes));
  if (options.networks) return lines(Object.keys(project.networks));
  if (options.images) {
    return lines(Object.entries(project.services).map(([name, { image }]) => image ?? `${project.name}-${name}`));
  }
  return undefined;
}
