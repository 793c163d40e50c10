import { type Command, Option } from 'commander';
import type { ProjectView } from '#lib/contracts';
import type { Context } from '../context.js';
import { json, table } from '../output/table.js';

interface LsOptions {
  all?: boolean;
  format: 'table' | 'json';
  quiet?: boolean;
}

export function define(command: Command, context: Context): void {
  command
    .option('-a, --all', 'also projects whose containers have all ended, or were only made')
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only names')
    .action(async (options: LsOptions) => {
      const projects = await (await context.client()).projects();
      const shown = projects.filter(({ status }) => options.all || isUp(status));
      context.system.stdout.write(render(shown, options));
    });
}

/** By the states of `created(1), paused(2)`: something of it is neither only made nor over. As `ps` has it. */
function isUp(status: string): boolean {
  return (status.match(/[a-z]+/g) ?? []).some((state) => state !== 'created' && state !== 'exited');
}

function render(projects: readonly ProjectView[], { quiet, format }: LsOptions): string {
  if (quiet) return projects.map(({ name }) => `${name}\n`).join('');
  const rows = projects.map(({ name, status, configFiles }) => ({
    Name: name,
    Status: status,
    ConfigFiles: configFiles.join(','),
  }));
  if (format === 'json') return json(rows);
  return table(
    ['NAME', 'STATUS', 'CONFIG FILES'],
    rows.map((row) => [row.Name, row.Status, row.ConfigFiles]),
  );
}
