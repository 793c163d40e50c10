import { type Command, Option } from 'commander';
import type { LookupView } from '#lib/contracts';
import type { Context } from '../context.js';
import { json } from '../output/table.js';

interface LookupOptions {
  from: string;
  type: string;
  format: 'text' | 'json';
}

export function define(command: Command, context: Context): void {
  command
    .command('lookup')
    .summary('What a container is answered, by which rule, and what was left out and why')
    .argument('<name>', 'the name, or the address for PTR')
    .requiredOption('--from <container>', 'the container that asks')
    .option('--type <type>', 'A, AAAA, PTR or SRV', (text) => text.toUpperCase(), 'A')
    .addOption(new Option('--format <how>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (name: string, { from, type, format }: LookupOptions) => {
      const found = await (await context.client()).lookup({ name, from, type });
      context.system.stdout.write(format === 'json' ? json(found) : lookupText(found));
      if (found.rcode !== 'NOERROR') context.exit(1);
    });
}

function lookupText(found: LookupView): string {
  const lines = [
    `${found.name} ${found.type}, asked by ${found.from}: ${found.rcode}`,
    ...(found.answers.length > 0 ? found.answers.map((answer) => `  ${answer}`) : ['  (no records)']),
    `rule: ${found.rule}`,
    ...(found.network ? [`network: ${found.network}`] : []),
    ...found.omitted.map(({ what, why }) => `left out: ${what} (${why})`),
  ];
  return `${lines.join('\n')}\n`;
}
