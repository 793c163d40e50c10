import type { Command } from 'commander';
import type { Context } from '../context.js';
import { LogPrinter } from '../output/logs.js';
import { paintFor, plain } from '../output/style.js';
import { parseSince, parseTail } from '../output/time.js';
import { projectNameOf } from '../project/load.js';
import { requireServices } from '../project/services.js';

interface LogsOptions {
  follow?: boolean;
  tail?: number;
  timestamps?: boolean;
  since?: number;
  color: boolean;
  logPrefix: boolean;
}

export function define(command: Command, context: Context): void {
  command
    .argument('[services...]', 'only containers of these')
    .option('-f, --follow', 'go on as more is written, until Ctrl-C or the last container has ended')
    .option('-n, --tail <lines>', 'only the last lines of each container; "all" for all', parseTail)
    .option('-t, --timestamps', 'when each line was written')
    .option(
      '--since <time>',
      'only what is newer: 2026-01-02T13:23:37Z, seconds since 1970, or 42m for 42 minutes ago',
      since,
    )
    .option('--no-color', 'no colours')
    .option('--no-log-prefix', 'no names in front of the lines')
    .action(async (services: string[], options: LogsOptions) => {
      const { system } = context;
      const project = await projectNameOf(context);
      const client = await context.client();
      const known = await client.containers(project, { all: true });
      await requireServices(client, project, services, known);
      const printer = new LogPrinter(system, {
        project,
        paint: options.color ? paintFor(system.stdout, system, context.globals()) : plain,
        prefix: options.logPrefix,
        timestamps: options.timestamps ?? false,
        names: known.filter((c) => services.length === 0 || services.includes(c.service)).map(({ name }) => name),
      });
      const { follow = false, tail, since: from } = options;
      const query = {
        follow,
        services,
        ...(tail !== undefined && { tail }),
        ...(from !== undefined && { since: from }),
      };
      for await (const event of client.logs(project, query)) printer.print(event);
    });
}

const since = (text: string) => parseSince(text, Date.now());
