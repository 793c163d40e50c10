import { type Command, Option } from 'commander';
import { messageOf } from '#lib/common';
import type { NodeInfo } from '#lib/contracts';
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
      const findings: Findings = { capabilities: await probed(), daemon: await asked(context) };
      const paint = paintFor(system.stdout, system, context.globals());
      system.stdout.write(format === 'json' ? json(findings) : doctorReport(findings, paint));
      if (findings.capabilities.some(({ ok, needed }) => needed && !ok)) context.exit(1);
    });
}

async function probed(): Promise<Findings['capabilities']> {
  const { createHost, probe } = await import('#lib/host');
  const host = createHost();
  try {
    return await probe(host);
  } finally {
    host.close();
  }
}

/** A daemon that is away is a finding, not a failure: the doctor is asked before the first start as well. */
async function asked(context: Context): Promise<NodeInfo | { away: string }> {
  const client = await context.client();
  return client.info().catch((error: unknown) => ({ away: messageOf(error) }));
}
