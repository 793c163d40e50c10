import { type Command, Option } from 'commander';
import { messageOf } from '#lib/common';
import type { Context } from '../context.js';
import { json } from '../output/table.js';
import { skepVersion } from '#lib/common';

export function define(command: Command, context: Context): void {
  command
    .option('--short', "only this program's version")
    .addOption(new Option('--format <how>', 'pretty or json').choices(['pretty', 'json']).default('pretty'))
    .action(async ({ short, format }: { short?: boolean; format: 'pretty' | 'json' }) => {
      const { stdout } = context.system;
      const version = skepVersion();
      if (short) return void stdout.write(`${version}\n`);
      const client = await context.client();
      const daemon = await client.info().catch((error: unknown) => ({ error: messageOf(error) }));
      if (format === 'json') return void stdout.write(json({ version, daemon }));
      stdout.write(`skep:   ${version}\n`);
      stdout.write(
        'error' in daemon
          ? `daemon: ${daemon.error}\n`
          : `daemon: ${daemon.version} at ${client.address.text}, ${daemon.engine.name} ${daemon.engine.version}\n`,
      );
    });
}
