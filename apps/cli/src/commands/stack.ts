import { type Command, Option } from 'commander';
import { invalid, notFound } from '#lib/common';
import type { Context } from '../context.js';
import { json, table } from '../output/table.js';
import { PROGRESS_MODES, type ProgressMode, reporterFor } from '../progress/progress.js';
import { loadFiles } from '../project/load.js';
import { parseSeconds } from '../project/up-request.js';
import { RESOLVE, type Resolve } from '../stack/images.js';
import { NAMESPACE } from '../stack/labels.js';
import { SwarmApi } from '../swarm/swarm-api.js';

interface DeployFlags {
  composeFile: string[];
  prune?: boolean;
  withRegistryAuth?: boolean;
  resolveImage: Resolve;
  wait?: boolean;
  waitTimeout: number;
  progress: ProgressMode;
}

/** Docker's rule, so that both can remove what either made. */
const NAME = /^[a-z0-9][a-z0-9_-]*$/;

interface ListFlags {
  format: 'table' | 'json';
}

export function define(command: Command, context: Context): void {
  const progress = () =>
    new Option('--progress <how>', 'how progress is shown').choices(PROGRESS_MODES).default('auto');
  const format = () => new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table');

  command
    .command('deploy')
    .summary('Make a stack of Compose files, or change it to what they say')
    .argument('<stack>', 'its name', stackName)
    .option('-c, --compose-file <path>', 'a Compose file, or - for standard input (repeatable)', append, [])
    .option('--prune', 'remove services that the files do not have')
    .addOption(
      new Option('--resolve-image <when>', "ask the registry for the image's digest, so that all nodes run the same")
        .choices(RESOLVE)
        .default('always'),
    )
    .option('--with-registry-auth', 'the nodes pull as whom you are logged in (docker login)')
    .option('--wait', 'return once every service runs as asked for')
    .option('--wait-timeout <seconds>', 'fail when --wait takes longer', parseSeconds, 300)
    .addOption(progress())
    .action((stack: string, options: DeployFlags) => deploy(stack, options, context));

  command
    .command('ls')
    .summary('List stacks')
    .addOption(format())
    .action((options: ListFlags) => list(options, context));

  command
    .command('services')
    .summary("List a stack's services")
    .argument('<stack>', 'its name', stackName)
    .addOption(format())
    .action((stack: string, options: ListFlags) => services(stack, options, context));

  command
    .command('ps')
    .summary("List a stack's tasks: where they are, and why one is not further")
    .argument('<stack>', 'its name', stackName)
    .option('--no-trunc', 'whole ids and errors')
    .action((stack: string, options: { trunc: boolean }) => tasks(stack, options, context));

  command
    .command('rm')
    .summary('Remove stacks; returns when nothing of them is left')
    .argument('<stacks...>', 'their names')
    .addOption(progress())
    .action((stacks: string[], options: { progress: ProgressMode }) => remove(stacks, options, context));
}

const swarmOf = async (context: Context) => new SwarmApi(await context.client());

async function deploy(stack: string, options: DeployFlags, context: Context): Promise<void> {
  const { project, environment } = await loadStack(stack, options.composeFile, context);
  const [{ checkForSwarm }, { deployStack }, { Work }, { credentialsFor, imagesOf }] = await Promise.all([
    import('../stack/refuse.js'),
    import('../stack/deploy.js'),
    import('../stack/work.js'),
    import('../registry/credentials.js'),
  ]);
  const left = checkForSwarm(project);
  const api = await swarmOf(context);
  const work = new Work(reporterFor(options.progress, context));
  try {
    for (const text of left) work.warn(text);
    const { prune = false, resolveImage, withRegistryAuth = false } = options;
    const registryAuth = await credentialsFor(imagesOf(project), context.system.env, (text) => work.warn(text));
    const how = { prune, resolveImage, registryAuth, withRegistryAuth, environment };
    await deployStack(project, how, api, work);
    const { converge } = await import('../stack/converge.js');
    if (options.wait) await converge(stack, options.waitTimeout * 1000, api, work);
  } finally {
    work.end();
  }
}

async function list({ format }: ListFlags, context: Context): Promise<void> {
  const all = await (await swarmOf(context)).list('services', { label: [NAMESPACE] });
  const counts = new Map<string, number>();
  for (const { Spec } of all) {
    const stack = Spec.Labels?.[NAMESPACE] ?? '';
    counts.set(stack, (counts.get(stack) ?? 0) + 1);
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = () =>
    table(
      ['NAME', 'SERVICES'],
      rows.map(([name, count]) => [name, String(count)]),
    );
  context.system.stdout.write(format === 'json' ? json(rows.map(([Name, Services]) => ({ Name, Services }))) : text());
}

async function services(stack: string, { format }: ListFlags, context: Context): Promise<void> {
  const found = await servicesOf(stack, await swarmOf(context));
  const { serviceTable } = await import('../swarm/service-table.js');
  context.system.stdout.write(format === 'json' ? json(found) : serviceTable(found));
}

async function tasks(stack: string, { trunc }: { trunc: boolean }, context: Context): Promise<void> {
  const api = await swarmOf(context);
  const ids = new Set((await servicesOf(stack, api)).map(({ ID }) => ID));
  const { taskTable } = await import('../swarm/task-table.js');
  const found = (await api.list('tasks')).filter(({ ServiceID }) => ids.has(ServiceID));
  context.system.stdout.write(await taskTable(found, api, { truncate: trunc, now: Date.now() }));
}

async function remove(stacks: string[], options: { progress: ProgressMode }, context: Context): Promise<void> {
  const [{ removeStack }, { Work }] = await Promise.all([import('../stack/remove.js'), import('../stack/work.js')]);
  const api = await swarmOf(context);
  for (const stack of stacks.map(stackName)) {
    const work = new Work(reporterFor(options.progress, context));
    const found = await removeStack(stack, api, work).finally(() => work.end());
    if (!found) context.system.stderr.write(`nothing found in stack: ${stack}\n`);
  }
}

const append = (text: string, before: string[]) => [...before, text];

function stackName(text: string): string {
  if (text.length <= 63 && NAME.test(text)) return text;
  throw invalid(
    `${text}: a stack's name has lower case letters, digits, "_" and "-", and begins with a letter or digit`,
  );
}

/** The files of `-c`, else those that the global `-f` names, else the standard ones. */
async function loadStack(stack: string, files: readonly string[], context: Context) {
  const { checkNetworks } = await import('#lib/compose');
  const loaded = await loadFiles(context, { projectName: stack, ...(files.length > 0 && { files }) });
  checkNetworks(loaded.project);
  if (Object.keys(loaded.project.services).length === 0) throw invalid(`the files of stack ${stack} have no services`);
  return loaded;
}

async function servicesOf(stack: string, api: SwarmApi) {
  const services = await api.list('services', { label: [`${NAMESPACE}=${stack}`] }, '&status=true');
  if (services.length === 0) throw notFound(`nothing found in stack: ${stack}`);
  return services;
}
