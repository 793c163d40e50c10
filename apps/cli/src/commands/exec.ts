import { type Command, Option } from 'commander';
import { invalid, listed, notFound } from '#lib/common';
import type { ContainerView } from '#lib/contracts';
import type { Context } from '../context.js';
import { exec } from '../client/exec.js';
import { projectNameOf } from '../project/load.js';

interface ExecOptions {
  detach?: boolean;
  /** commander: false when -T was given */
  tty: boolean;
  user?: string;
  workdir?: string;
  env: string[];
  index?: number;
}

export function define(command: Command, context: Context): void {
  command
    .argument('<service>', 'the service of the container')
    .argument('<command...>', 'the command and its arguments')
    .passThroughOptions()
    .option('-d, --detach', 'do not wait for the command')
    .option('-T, --no-tty', 'no terminal, also when standard input and output are one')
    // As it is without them; typed out of habit.
    .addOption(new Option('-i, --interactive').hideHelp())
    .addOption(new Option('-t, --tty').hideHelp())
    .option('-u, --user <user>', 'run as this user')
    .option('-w, --workdir <path>', 'run in this directory')
    .option('-e, --env <name=value>', 'set a variable (repeatable)', (text, all: string[]) => [...all, text], [])
    .option('--index <number>', 'which of the containers of the service', parseIndex)
    .action(async (service: string, argv: string[], options: ExecOptions) => {
      const { system } = context;
      const project = await projectNameOf(context);
      const client = await context.client();
      const container = choose(await client.containers(project, { all: false }), service, options.index, project);
      const { user, workdir, detach = false } = options;
      const code = await exec(
        client,
        {
          container: container.id,
          command: argv,
          tty: options.tty && !detach && system.stdin.isTTY === true && system.stdout.isTTY === true,
          detach,
          env: options.env.map((each) => withValue(each, system.env)),
          ...(user !== undefined && { user }),
          ...(workdir !== undefined && { workdir }),
        },
        system,
      );
      context.exit(code);
    });
}

/** `NAME` alone takes the value that it has here. */
function withValue(text: string, env: NodeJS.ProcessEnv): string {
  return text.includes('=') || env[text] === undefined ? text : `${text}=${env[text]}`;
}

function parseIndex(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw invalid(`--index ${text}: containers of a service are numbered from 1`);
  return Number(text);
}

/** The container with that number, else the lowest that runs. */
export function choose(
  containers: readonly ContainerView[],
  service: string,
  index: number | undefined,
  project: string,
): ContainerView {
  const running = containers
    .filter((each) => each.service === service && each.state === 'running')
    .sort((a, b) => a.number - b.number);
  const chosen = index === undefined ? running[0] : running.find(({ number }) => number === index);
  if (chosen) return chosen;
  if (running.length > 0) {
    const numbers = listed(running.map(({ number }) => String(number)));
    throw notFound(`service "${service}" has no running container number ${index}; running: ${numbers}`);
  }
  const others = [...new Set(containers.map((each) => each.service))].sort();
  throw notFound(
    `service "${service}" is not running in project ${project}` +
      (others.length > 0 ? `; running: ${listed(others)}` : `; start it with "skep -p ${project} up -d ${service}"`),
  );
}
