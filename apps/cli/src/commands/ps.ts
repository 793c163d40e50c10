import { type Command, Option } from 'commander';
import type { ContainerView } from '#lib/contracts';
import type { Context } from '../context.js';
import { containerJson, containerTable } from '../output/containers.js';
import { projectNameOf } from '../project/load.js';
import { requireServices } from '../project/services.js';

interface PsOptions {
  all?: boolean;
  format: 'table' | 'json';
  quiet?: boolean;
  services?: boolean;
}

export function define(command: Command, context: Context): void {
  command
    .argument('[services...]', 'only containers of these')
    .option('-a, --all', 'stopped ones as well')
    .addOption(
      new Option('--format <how>', 'table, or JSON with an object a line').choices(['table', 'json']).default('table'),
    )
    .option('-q, --quiet', 'only ids')
    .option('--services', 'only names of services')
    .action(async (services: string[], options: PsOptions) => {
      const project = await projectNameOf(context);
      const client = await context.client();
      const found = await client.containers(project, { all: options.all ?? false });
      await requireServices(client, project, services, found);
      const chosen = found.filter(({ service }) => services.length === 0 || services.includes(service));
      context.system.stdout.write(render(chosen, options));
    });
}

function render(containers: readonly ContainerView[], { quiet, services, format }: PsOptions): string {
  const lines = (words: Iterable<string>) => [...words].map((word) => `${word}\n`).join('');
  if (quiet) return lines(containers.map(({ id }) => id));
  if (services) return lines(new Set(containers.map(({ service }) => service)));
  return format === 'json' ? lines(containers.map(containerJson)) : containerTable(containers, Date.now());
}
