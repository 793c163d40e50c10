import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { forEach } from '../output/each.js';
import { json } from '../output/table.js';
import { parseSince, parseTail } from '../output/time.js';
import { SwarmApi } from '../swarm/swarm-api.js';

interface LogFlags {
  follow?: boolean;
  tail?: number;
  timestamps?: boolean;
  since?: number;
  color: boolean;
}

const since = (text: string) => parseSince(text, Date.now());

export function define(command: Command, context: Context): void {
  const { stdout } = context.system;
  const swarm = async () => new SwarmApi(await context.client());

  command
    .command('ls')
    .summary('List the services of the swarm')
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only ids')
    .action(async ({ format, quiet }: { format: 'table' | 'json'; quiet?: boolean }) => {
      const services = await (await swarm()).list('services', {}, '&status=true');
      const { serviceTable } = await import('../swarm/service-table.js');
      if (quiet) stdout.write(services.map(({ ID }) => `${ID}\n`).join(''));
      else stdout.write(format === 'json' ? json(services) : serviceTable(services));
    });

  command
    .command('inspect')
    .summary('Show everything about services, as JSON')
    .argument('<services...>', 'ids or names')
    .action(async (names: string[]) => {
      const api = await swarm();
      stdout.write(json(await forEach(names, context, (name) => api.show('services', name))));
    });

  command
    .command('ps')
    .summary('List the tasks of services: where they are, and why one is not further')
    .argument('<services...>', 'ids or names')
    .option('--no-trunc', 'whole ids and errors')
    .action(async (names: string[], { trunc }: { trunc: boolean }) => {
      const api = await swarm();
      const ids = await forEach(names, context, async (name) => (await api.show('services', name)).ID);
      const { taskTable } = await import('../swarm/task-table.js');
      const tasks = (await api.list('tasks')).filter(({ ServiceID }) => ids.includes(ServiceID));
      stdout.write(await taskTable(tasks, api, { truncate: trunc, now: Date.now() }));
    });

  command
    .command('logs')
    .summary('Show what the tasks of a service wrote, on whichever nodes they are')
    .argument('<service>', 'id or name of a service, or id of a task')
    .option('-f, --follow', 'go on as more is written, also by tasks that come later')
    .option('-n, --tail <lines>', 'only the last lines of each task; "all" for all', parseTail)
    .option('-t, --timestamps', 'when each line was written')
    .option('--since <time>', 'only what is newer: a time, seconds since 1970, or 42m for 42 minutes ago', since)
    .option('--no-color', 'no colours')
    .action(async (name: string, options: LogFlags) => {
      const { serviceLogs } = await import('../swarm/service-logs.js');
      await serviceLogs(name, options, await swarm(), context);
    });

  command
    .command('rm')
    .summary('Remove services')
    .argument('<services...>', 'ids or names')
    .action(async (names: string[]) => {
      const api = await swarm();
      await forEach(names, context, async (name) => {
        await api.remove('services', name);
        stdout.write(`${name}\n`);
      });
    });
}
