import { type Command, Option } from 'commander';
import { invalid } from '#lib/common';
import type { Context, GlobalOptions } from '../context.js';
import { checkCertificates } from '../daemon/certificates.js';
import { DEFAULT_CONFIG_FILE, type Given, longFlag, readConfigFile, resolveConfig } from '../daemon/config.js';
import { runDaemon } from '../daemon/run.js';
import { isList, SETTINGS } from '../daemon/settings.js';

export function define(command: Command, context: Context): void {
  command.option('--config <path>', `configuration file (default: ${DEFAULT_CONFIG_FILE})`);
  command.option('--validate', 'check the configuration, print it, and end');
  for (const setting of SETTINGS) {
    const option = new Option(setting.flag, setting.about);
    if (isList(setting)) option.argParser((text: string, all: string[] = []) => [...all, text]);
    command.addOption(option);
  }
  command.action(async (options: { config?: string; validate?: boolean }) => {
    refuseMisplaced(context.globals());
    const file = { name: options.config ?? DEFAULT_CONFIG_FILE, given: readConfigFile(options.config) };
    const config = resolveConfig(givenByFlags(command), file);
    if (config.tls) checkCertificates(config.tls);
    if (options.validate) context.system.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    else await runDaemon(config, context.system);
  });
}

/** Before the command they name the daemon to talk to, and this one is to be started. */
function refuseMisplaced(globals: GlobalOptions): void {
  const flag = (['host', 'tlsverify', 'tlscacert', 'tlscert', 'tlskey'] as const).find((name) => globals[name]);
  if (flag === undefined) return;
  throw invalid(
    `--${flag} before "daemon" names a daemon to talk to; where this one listens is said after it: skep daemon --${flag} …`,
  );
}

/** What the flags set, by key of daemon.json and in its types. */
function givenByFlags(command: Command): Given {
  const given: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const option = command.options.find(({ long }) => long === longFlag(setting));
    const value: unknown = option && command.getOptionValue(option.attributeName());
    if (value === undefined) continue;
    const fromText = setting.fromText ?? ((text: string) => text);
    given[setting.key] = Array.isArray(value)
      ? value.map((each: string) => fromText(each))
      : typeof value === 'string'
        ? fromText(value)
        : value;
  }
  return given;
}
