import { Command, CommanderError, Option } from 'commander';
import { CATALOGUE } from './catalogue.js';
import { daemonAddress } from './client/address.js';
import type { TlsFlags } from './client/tls.js';
import type { Context, GlobalOptions } from './context.js';
import { reportError } from './output/errors.js';
import type { System } from './system.js';
import { skepVersion } from '#lib/common';

const append = (value: string, all: string[] = []) => [...all, value];

function withGlobals(program: Command): Command {
  return program
    .name('skep')
    .description('Runs Compose files on one machine or a swarm of them.')
    .option('-f, --file <path>', 'a Compose file, or - for standard input (repeatable)', append)
    .option('-p, --project-name <name>', 'name of the project')
    .option('--project-directory <path>', 'where relative paths start (default: the folder of the first file)')
    .option('--env-file <path>', 'a file with variables, instead of .env (repeatable)', append)
    .option('--profile <name>', 'a profile to switch on (repeatable)', append)
    .option('-H, --host <address>', 'the daemon: unix:///path or tcp://host:port (else SKEP_HOST, else DOCKER_HOST)')
    .option('--tlsverify', 'meet a daemon on TCP by TLS (else DOCKER_TLS_VERIFY)')
    .option('--tlscacert <path>', 'whom to trust (default: ca.pem in DOCKER_CERT_PATH, else in ~/.docker)')
    .option('--tlscert <path>', 'the certificate to show (default: cert.pem there)')
    .option('--tlskey <path>', 'its key (default: key.pem there)')
    .addOption(
      new Option('--ansi <when>', 'colours and redrawing').choices(['auto', 'always', 'never']).default('auto'),
    )
    .version(skepVersion(), '-v, --version', 'print the version')
    .enablePositionalOptions()
    .showSuggestionAfterError();
}

/** Only the command that `argv` names is loaded; the others are there for the help and for suggestions. */
async function createProgram(argv: readonly string[], system: System, exit: (code: number) => void): Promise<Command> {
  const program = withGlobals(new Command());
  const context: Context = {
    system,
    globals: () => ({ file: [], envFile: [], profile: [], ...program.opts<Pick<GlobalOptions, 'ansi'>>() }),
    client: async () => {
      const { NodeClient } = await import('./client/node-client.js');
      const { host, ...flags } = program.opts<{ host?: string } & TlsFlags>();
      return new NodeClient(daemonAddress(host, system.env, flags));
    },
    exit,
  };
  program
    .configureOutput({
      writeOut: (text) => system.stdout.write(text),
      writeErr: (text) => system.stderr.write(text),
      outputError: (text, write) => write(`skep: ${text.replace(/^error: /, '')}`),
    })
    .exitOverride();
  for (const { name, summary } of CATALOGUE) program.command(name).summary(summary).description(`${summary}.`);

  const chosen = namedCommand(argv);
  const command = program.commands.find((each) => each.name() === chosen);
  const entry = CATALOGUE.find((each) => each.name === chosen);
  if (command && entry) (await entry.load()).define(command, context);
  return program;
}

/** The first word that is neither a global option nor its value. Parsing has effects, so a second program does it. */
function namedCommand(argv: readonly string[]): string | undefined {
  const scout = withGlobals(new Command())
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const { name } of CATALOGUE) scout.command(name);
  try {
    const [first, second] = scout.parseOptions([...argv]).operands;
    return first === 'help' ? second : first;
  } catch {
    return undefined; // `--version`, or a mistake that the real program words
  }
}

/** Runs one command line, without the words `node` and `skep`. Returns the exit code. */
export async function run(argv: readonly string[], system: System): Promise<number> {
  let code = 0;
  try {
    const program = await createProgram(argv, system, (wanted) => (code = wanted));
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    reportError(error, system);
    return 1;
  }
}
