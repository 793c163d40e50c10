import type { ContainerView } from '#lib/contracts';
import type { NodeClient } from '../client/node-client.js';
import type { Context } from '../context.js';
import { LogPrinter } from '../output/logs.js';
import { paintFor } from '../output/style.js';
import { follow, type ProgressMode, reporterFor } from '../progress/progress.js';

const INTERRUPTED = 130;
const SIGNALS = ['SIGINT', 'SIGTERM'];

export interface Attached {
  project: string;
  /** empty: all */
  services: readonly string[];
  mode: ProgressMode;
  /** Lines before are not shown. As of performance.now() */
  begun: number;
  /** seconds that a container may take to stop */
  timeout?: number;
}

/**
 * What `up` without --detach does once everything runs: shows the services' logs until the last container has ended.
 * The first Ctrl-C stops the containers gracefully, the second at once.
 */
export async function attach(context: Context, client: NodeClient, of: Attached): Promise<void> {
  const { system } = context;
  const mine = async () =>
    (await client.containers(of.project, { all: true })).filter(
      ({ service }) => of.services.length === 0 || of.services.includes(service),
    );
  const printer = new LogPrinter(system, {
    project: of.project,
    paint: paintFor(system.stdout, system, context.globals()),
    prefix: true,
    timestamps: false,
    names: (await mine()).map(({ name }) => name),
  });

  const stopped = new AbortController();
  const stopping = stopOnSignals(context, client, of);
  void stopping.ended.then(() => stopped.abort()).catch(() => {});
  try {
    await Promise.race([showLogs(context, client, of, printer, stopped.signal), stopping.failed]);
    if (stopping.begun()) await Promise.race([stopping.ended, stopping.failed]);
    else if (of.mode !== 'json') reportEnds(await mine(), printer);
  } finally {
    stopping.release();
  }
}

/** Stops the containers when a signal comes; a second signal does not wait for them. */
function stopOnSignals(context: Context, client: NodeClient, of: Attached) {
  const { system } = context;
  let attempt: AbortController | undefined;
  let succeed: () => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const ended = new Promise<void>((resolve) => (succeed = resolve));
  const failed = new Promise<never>((_, reject) => (fail = reject));

  const stop = async (timeoutSeconds: number | undefined, { signal }: AbortController) => {
    const body = { services: [...of.services], ...(timeoutSeconds !== undefined && { timeoutSeconds }) };
    // Log lines go on above it, so nothing is redrawn in place.
    const reporter = reporterFor(of.mode === 'json' ? 'json' : 'plain', context);
    try {
      await follow(client.stop(of.project, body, signal), reporter);
      succeed();
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  };
  const interrupted = () => {
    const first = attempt === undefined;
    attempt?.abort();
    attempt = new AbortController();
    context.exit(INTERRUPTED);
    if (first) system.stderr.write('Gracefully stopping... (press Ctrl+C again to force)\n');
    void stop(first ? of.timeout : 0, attempt);
  };
  for (const signal of SIGNALS) system.signals.on(signal, interrupted);
  return {
    ended,
    failed,
    begun: () => attempt !== undefined,
    release: () => {
      for (const signal of SIGNALS) system.signals.off(signal, interrupted);
    },
  };
}

/** The node's clock may be another one. */
const since = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(3)}s`;

async function showLogs(
  { system }: Context,
  client: NodeClient,
  of: Attached,
  printer: LogPrinter,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of client.logs(
      of.project,
      { follow: true, services: of.services, since: since(of.begun) },
      signal,
    )) {
      if (of.mode === 'json') system.stdout.write(`${JSON.stringify(event)}\n`);
      else printer.print(event);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function reportEnds(containers: readonly ContainerView[], printer: LogPrinter): void {
  for (const { name, state, exitCode } of containers) {
    if (state === 'exited') printer.note(name, `exited with code ${exitCode}`);
  }
}
