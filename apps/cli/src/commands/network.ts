import { type Command, Option } from 'commander';
import { shortId } from '#lib/common';
import type { NetworkView, RescanView } from '#lib/contracts';
import type { Context } from '../context.js';
import { forEach } from '../output/each.js';
import { definePlan } from './network-plan.js';
import { json, table } from '../output/table.js';

export function define(command: Command, context: Context): void {
  const write = (text: string) => void context.system.stdout.write(text);

  command
    .command('ls')
    .summary('List networks')
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only ids')
    .action(async ({ format, quiet }: { format: 'table' | 'json'; quiet?: boolean }) => {
      const networks = await (await context.client()).networks();
      if (quiet) write(networks.map(({ id }) => `${shortId(id)}\n`).join(''));
      else write(format === 'json' ? json(networks) : networkTable(networks));
    });

  command
    .command('inspect')
    .summary('Show everything about networks, as JSON')
    .argument('<networks...>', 'ids or names')
    .action(async (names: string[]) => {
      const client = await context.client();
      write(json(await forEach(names, context, (name) => client.network(name))));
    });

  command
    .command('rm')
    .summary('Remove networks that nothing is attached to')
    .argument('<networks...>', 'ids or names')
    .action(async (names: string[]) => {
      const client = await context.client();
      await forEach(names, context, async (name) => {
        await client.removeNetwork(name);
        write(`${name}\n`);
      });
    });

  definePlan(command, context);

  command
    .command('rotate-keys')
    .summary('Give the nodes of encrypted overlay networks other keys now')
    .action(async () => (await context.client()).rotateKeys());

  command
    .command('rescan')
    .summary("Look at this node's links again, and move networks whose uplink is another one now")
    .action(async () => {
      const found = await (await context.client()).rescanNetworks();
      write(uplinkTable(found));
      for (const { name, uplink, was } of found.networks) {
        if (was !== undefined) write(`network ${name}: moved from ${was} to ${uplink}\n`);
      }
      const problems = found.networks.flatMap(({ problem }) => problem ?? []);
      for (const problem of problems) context.system.stderr.write(`skep: ${problem}\n`);
      if (problems.length > 0) context.exit(1);
    });
}

function uplinkTable({ uplinks }: RescanView): string {
  const rows = uplinks.map(({ name, kind, up, master, addresses, networks }) => [
    name,
    kind || 'physical',
    `${up ? 'up' : 'down'}${master === undefined ? '' : `, port of ${master}`}`,
    addresses.join(', '),
    networks.join(', '),
  ]);
  return table(['INTERFACE', 'KIND', 'STATE', 'ADDRESSES', 'NETWORKS'], rows);
}

function networkTable(networks: readonly NetworkView[]): string {
  const rows = networks.map(({ id, name, driver, pools, containers }) => [
    shortId(id),
    name,
    driver,
    pools.map(({ subnet }) => subnet).join(', '),
    String(containers.length),
  ]);
  return table(['NETWORK ID', 'NAME', 'DRIVER', 'SUBNET', 'CONTAINERS'], rows);
}
