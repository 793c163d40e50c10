import { type Command, Option } from 'commander';
import { messageOf } from '#lib/common';
import type { DaemonConfig } from '#lib/contracts';
import type { Capability } from '#lib/host';
import type { Context } from '../context.js';
import { doctorReport, type Findings } from '../output/doctor.js';
import { paintFor } from '../output/style.js';
import { json } from '../output/table.js';

export function define(command: Command, context: Context): void {
  command
    .description(
      'Tries what skep needs of this machine, and asks the daemon what it chose. Fails when something needed is missing.',
    )
    .addOption(new Option('--format <how>', 'table or json').choices(['table', 'json']).default('table'))
    .action(async ({ format }: { format: 'table' | 'json' }) => {
      const { system } = context;
      const daemon = await asked(context);
      const findings: Findings = { capabilities: await probed(daemon), daemon };
      const paint = paintFor(system.stdout, system, context.globals());
      system.stdout.write(format === 'json' ? json(findings) : doctorReport(findings, paint));
      if (findings.capabilities.some(({ ok, needed }) => needed && !ok)) context.exit(1);
    });
}

/** A daemon that is away is a finding, not a failure: the doctor is asked before the first start as well. */
async function asked(context: Context): Promise<Findings['daemon']> {
  const client = await context.client();
  return client.info().catch((error: unknown) => ({ away: messageOf(error) }));
}

async function probed(daemon: Findings['daemon']): Promise<Findings['capabilities']> {
  const configured = 'away' in daemon ? await configuration() : undefined;
  const engine = 'away' in daemon ? configured?.engine : daemon.engine.name;
  const { createHost, probe } = await import('#lib/host');
  const host = createHost();
  try {
    const found = await probe(host, engine === 'docker' ? 'docker' : 'podman');
    return configured?.engine === 'docker' ? [...found, await dockerEngine(configured.engineSocket ?? '')] : found;
  } finally {
    host.close();
  }
}

/** What a daemon would begin with; undefined when it would not, which it says itself. */
async function configuration(): Promise<DaemonConfig | undefined> {
  const { DEFAULT_CONFIG_FILE, readConfigFile, resolveConfig } = await import('../daemon/config.js');
  try {
    return resolveConfig({}, { name: DEFAULT_CONFIG_FILE, given: readConfigFile(undefined) });
  } catch {
    return undefined;
  }
}

async function dockerEngine(address: string): Promise<Capability> {
  const { openDocker } = await import('#lib/engine');
  const finding = { name: 'Docker Engine', needed: true };
  return openDocker(address)
    .then((engine) => engine.info())
    .then(
      ({ version }) => ({ ...finding, ok: true, detail: `${version} on ${address}, with the runtime skep` }),
      (error: unknown) => ({ ...finding, ok: false, detail: messageOf(error) }),
    );
}
