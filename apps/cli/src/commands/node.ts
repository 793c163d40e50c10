import { type Command, Option } from 'commander';
import { invalid } from '#lib/common';
import type { Context } from '../context.js';
import { forEach } from '../output/each.js';
import { json } from '../output/table.js';
import { type ShownNode, SwarmApi } from '../swarm/swarm-api.js';

interface UpdateFlags {
  availability?: ShownNode['Spec']['Availability'];
  role?: ShownNode['Spec']['Role'];
  labelAdd: [string, string][];
  labelRm: string[];
}

interface ListFlags {
  format: 'table' | 'json';
  quiet?: boolean;
}

export function define(command: Command, context: Context): void {
  command
    .command('ls')
    .summary('List the nodes of the swarm')
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only ids')
    .action((options: ListFlags) => list(options, context));

  command
    .command('inspect')
    .summary('Show everything about nodes, as JSON')
    .argument('<nodes...>', 'ids or host names')
    .action((names: string[]) => inspect(names, context));

  command
    .command('ps')
    .summary('List the tasks on nodes')
    .argument('[nodes...]', 'ids or host names; the node that is asked unless given')
    .option('--no-trunc', 'whole ids and errors')
    .action((names: string[], options: { trunc: boolean }) => tasks(names, options, context));

  command
    .command('update')
    .summary("Change a node's availability, role or labels")
    .argument('<node>', 'id or host name')
    .addOption(
      new Option('--availability <what>', 'takes tasks, takes no new ones, or has none').choices([
        'active',
        'pause',
        'drain',
      ]),
    )
    .addOption(new Option('--role <role>', 'manager or worker').choices(['manager', 'worker']))
    .option('--label-add <key=value>', 'add or change a label (repeatable)', pair, [])
    .option('--label-rm <key>', 'remove a label (repeatable)', (key, all: string[]) => [...all, key], [])
    .action((name: string, options: UpdateFlags) => update(name, options, context));

  for (const [word, role, summary] of [
    ['promote', 'manager', 'Make nodes managers'],
    ['demote', 'worker', 'Make managers workers'],
  ] as const) {
    command
      .command(word)
      .summary(summary)
      .argument('<nodes...>', 'ids or host names')
      .action((names: string[]) => makeAll(names, role, context));
  }

  command
    .command('rm')
    .summary('Remove nodes that are down')
    .argument('<nodes...>', 'ids or host names')
    .option('-f, --force', 'also a node that is not down')
    .action((names: string[], options: { force?: boolean }) => remove(names, options, context));
}

const swarmOf = async (context: Context) => new SwarmApi(await context.client());

async function list({ format, quiet }: ListFlags, context: Context): Promise<void> {
  const { stdout } = context.system;
  const api = await swarmOf(context);
  const nodes = await api.list('nodes');
  if (quiet) return void stdout.write(nodes.map(({ ID }) => `${ID}\n`).join(''));
  if (format === 'json') return void stdout.write(json(nodes));
  const own = await ownId(api);
  const { nodeTable } = await import('../swarm/node-table.js');
  stdout.write(nodeTable(nodes, own));
}

async function inspect(names: string[], context: Context): Promise<void> {
  const api = await swarmOf(context);
  context.system.stdout.write(json(await forEach(names, context, (name) => api.show('nodes', name))));
}

async function tasks(names: string[], { trunc }: { trunc: boolean }, context: Context): Promise<void> {
  const api = await swarmOf(context);
  const wanted = names.length > 0 ? names : [await ownId(api)];
  const ids = await forEach(wanted, context, async (name) => (await api.show('nodes', name)).ID);
  const { taskTable } = await import('../swarm/task-table.js');
  const found = (await api.list('tasks')).filter(({ NodeID }) => ids.includes(NodeID ?? ''));
  context.system.stdout.write(await taskTable(found, api, { truncate: trunc, now: Date.now() }));
}

async function update(
  name: string,
  { availability, role, labelAdd, labelRm }: UpdateFlags,
  context: Context,
): Promise<void> {
  const api = await swarmOf(context);
  const { Spec } = await api.show('nodes', name);
  const labels = new Map([...Object.entries(Spec.Labels ?? {}), ...labelAdd]);
  for (const key of labelRm) {
    if (!labels.delete(key))
      throw invalid(`node ${name} has no label ${key}; it has ${[...labels.keys()].join(', ') || 'none'}`);
  }
  const Labels = Object.fromEntries(labels);
  const change = { Labels, ...(availability && { Availability: availability }), ...(role && { Role: role }) };
  await put(name, change, api, context);
}

async function makeAll(names: string[], Role: ShownNode['Spec']['Role'], context: Context): Promise<void> {
  const api = await swarmOf(context);
  await forEach(names, context, (name) => put(name, { Role }, api, context));
}

async function remove(names: string[], { force = false }: { force?: boolean }, context: Context): Promise<void> {
  const api = await swarmOf(context);
  await forEach(names, context, async (name) => {
    await api.remove('nodes', name, force ? '?force=1' : '');
    context.system.stdout.write(`${name}\n`);
  });
}

async function put(name: string, change: Partial<ShownNode['Spec']>, api: SwarmApi, context: Context): Promise<void> {
  const node = await api.show('nodes', name);
  await api.update('nodes', node, { ...node.Spec, ...change });
  context.system.stdout.write(`${name}\n`);
}

async function ownId(api: SwarmApi): Promise<string> {
  return (await api.client.json<{ Swarm: { NodeID: string } }>({ method: 'GET', path: '/info' })).Swarm.NodeID;
}

function pair(text: string, before: [string, string][]): [string, string][] {
  const at = text.indexOf('=');
  if (at < 1) throw invalid(`${text}: expected KEY=VALUE`);
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}
