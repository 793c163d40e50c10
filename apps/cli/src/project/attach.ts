import type { ContainerView } from '#lib/contracts';
import type { NodeClient } from '../client/node-client.js';
import type { Context } from '../context.js';
import { LogPrinter } from '../output/logs.js';
import { paintFor } from '../output/style.js';
import { follow, type ProgressMode, reporterFor } from '../progress/progress.js';

const INTERRUPTED = 130;

/**
 * What `up` without --detach does once everything runs: shows the services' logs until the last container has ended.
 * The first Ctrl-C stops the containers gracefully, the second at once.
 */
export async function attach(
  context: Context,
  client: NodeClient,
  of: { project: string; services: readonly string[]; mode: ProgressMode; timeout?: number },
): Promise<void> {
  const { system } = context;
  const mine = async () =>
    (await client.containers(of.project, { all: true })).filter(
      ({ service }) => of.services.length === 0 || of.services.includes(service),
    );
  const printer = new LogPrinter(system.stdout, {
    project: of.project,
    paint: paintFor(system.stdout, system, context.globals()),
    prefix: true,
    timestamps: false,
    names: (await mine()).map(({ name }) => name),
  });
  const done = new AbortController();
  let stopping: Promise<void> | undefined;
  const stop = async (timeoutSeconds: number | undefined) => {
    const body = { services: [...of.services], ...(timeoutSeconds !== undefined && { timeoutSeconds }) };
    await follow(client.stop(of.project, body), reporterFor(of.mode, context));
    done.abort();
  };
  let failStop: (error: unknown) => void = () => {};
  const stopFailed = new Promise<never>((_, reject) => (failStop = reject));
  const interrupted = () => {
    context.exit(INTERRUPTED);
    if (!stopping) system.stderr.write('\nGracefully stopping… (press Ctrl+C again to force)\n');
    const seconds = stopping ? 0 : of.timeout;
    stopping = stop(seconds);
    stopping.catch(failStop);
  };

  for (const signal of ['SIGINT', 'SIGTERM']) system.signals.on(signal, interrupted);
  try {
    const showing = show(client, of, printer, context, done.signal);
    await Promise.race([showing, stopFailed]);
    if (stopping) await stopping;
    else reportEnds(await mine(), printer, of.mode);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) system.signals.off(signal, interrupted);
  }
}

async function show(
  client: NodeClient,
  of: { project: string; services: readonly string[]; mode: ProgressMode },
  printer: LogPrinter,
  { system }: Context,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of client.logs(of.project, { follow: true, services: of.services }, signal)) {
      if (of.mode === 'json') system.stdout.write(`${JSON.stringify(event)}\n`);
      else printer.print(event);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function reportEnds(containers: readonly ContainerView[], printer: LogPrinter, mode: ProgressMode): void {
  if (mode === 'json') return;
  for (const { name, state, exitCode } of containers) {
    if (state === 'exited') printer.note(name, `exited with code ${exitCode}`);
  }
}
