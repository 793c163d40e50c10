import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { invalid } from '#lib/common';
import type { ClusterPlaces } from '../cluster/places.js';
import type { Context } from '../context.js';
import { json, table } from '../output/table.js';

const DEFAULT_FOLDER = '/var/lib/skep-cluster';

interface FolderOption {
  dataRoot: string;
}

export function define(command: Command, context: Context): void {
  const { stdout, stderr, cwd } = context.system;
  command.description(
    'A swarm on this machine, for development: each node is a network namespace with a daemon of its own, on a switch\n' +
      'that nothing else is joined to.',
  );

  folderOption(command.command('up'))
    .summary('Start a swarm of N nodes here, or add what is missing to it')
    .argument('<nodes>', 'how many', count)
    .action(async (nodes: number, { dataRoot }: FolderOption) => {
      const { clusterUp, howToReach } = await import('../cluster/up.js');
      const places = await clusterUp(resolve(cwd, dataRoot), nodes, (text) => void stderr.write(`${text}\n`));
      stdout.write(`${await nodeTable(places)}\n${howToReach(places, places.nodes[0]!)}`);
    });

  folderOption(command.command('ls'))
    .summary('List its nodes, and where their daemons listen')
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .action(async ({ dataRoot, format }: FolderOption & { format: 'table' | 'json' }) => {
      const { ClusterPlaces: Places } = await import('../cluster/places.js');
      const places = await Places.read(resolve(cwd, dataRoot));
      const { nodeRows } = await import('../cluster/node-rows.js');
      if (format === 'json') stdout.write(json(places ? await nodeRows(places) : []));
      else stdout.write(await nodeTable(places));
    });

  folderOption(command.command('down'))
    .summary('Take it down: daemons, containers, namespaces and files')
    .option('--keep-data', 'keep its files, so that the next up goes on with them')
    .action(async ({ dataRoot, keepData = false }: FolderOption & { keepData?: boolean }) => {
      const { clusterDown } = await import('../cluster/down.js');
      const folder = resolve(cwd, dataRoot);
      const found = await clusterDown(folder, { keepData });
      stderr.write(found ? `the cluster in ${folder} is down\n` : `there is no cluster in ${folder}\n`);
    });
}

function folderOption(command: Command): Command {
  return command.option('--data-root <path>', 'where its files are', DEFAULT_FOLDER);
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw invalid(`${text}: expected how many nodes, 1 or more`);
  return Number(text);
}

async function nodeTable(places: ClusterPlaces | undefined): Promise<string> {
  const { nodeRows } = await import('../cluster/node-rows.js');
  const rows = places ? await nodeRows(places) : [];
  return table(
    ['NAME', 'ADDRESS', 'STATE', 'ROLE', 'NODE ID', 'DOCKER_HOST'],
    rows.map(({ name, address, state, role, nodeId, dockerHost }) => [name, address, state, role, nodeId, dockerHost]),
  );
}
