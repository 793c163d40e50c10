import type { KnownContainer } from '../../containers/container-directory.js';

/** One sample of GET /containers/:name/stats; what is not named here is the engine's and passes as it is. */
export interface Sample {
  [field: string]: unknown;
  read: string;
  cpu_stats: unknown;
}

export interface LinkCounters {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
}

const NEVER = '0001-01-01T00:00:00Z';
const NO_CPU = { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: {} };

/** The engine's sample as Docker shows it: our id and name, the links of the sandbox, and the sample before it. */
export function sampleOf(
  engines: Sample,
  before: Sample | undefined,
  { container }: Pick<KnownContainer, 'container'>,
  networks: Record<string, LinkCounters>,
): Sample {
  const { Id: _id, id: _lower, name: _name, networks: _networks, ...rest } = engines;
  const limit = container.resources?.Memory;
  return {
    ...rest,
    // Podman tells the limit with which the container was made.
    ...(limit ? { memory_stats: { ...(rest['memory_stats'] as object), limit } } : {}),
    preread: before?.read ?? NEVER,
    precpu_stats: before?.cpu_stats ?? NO_CPU,
    name: `/${container.name}`,
    id: container.id,
    ...(container.networkMode !== 'host' && { networks }),
  } as Sample;
}

/** Of a container that does not run. */
export function emptySample({ container }: Pick<KnownContainer, 'container'>): Sample {
  return {
    name: `/${container.name}`,
    id: container.id,
    read: NEVER,
    preread: NEVER,
    pids_stats: {},
    blkio_stats: {},
    num_procs: 0,
    storage_stats: {},
    cpu_stats: NO_CPU,
    precpu_stats: NO_CPU,
    memory_stats: {},
  };
}

/** Is it of a container that runs? */
export const isSample = ({ read }: Sample): boolean => read !== NEVER;

/** /proc/PID/net/dev (proc_pid_net(5)): counters of each link but the loopback. */
export function linkCounters(text: string): Record<string, LinkCounters> {
  const lines = text.split('\n').slice(2);
  const links = lines.flatMap((line) => {
    const [, name, numbers] = /^\s*([^:]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || name === 'lo') return [];
    const [rb = 0, rp = 0, re = 0, rd = 0, , , , , tb = 0, tp = 0, te = 0, td = 0] = numbers!
      .trim()
      .split(/\s+/)
      .map(Number);
    const counters: LinkCounters = {
      rx_bytes: rb,
      rx_packets: rp,
      rx_errors: re,
      rx_dropped: rd,
      tx_bytes: tb,
      tx_packets: tp,
      tx_errors: te,
      tx_dropped: td,
    };
    return [[name, counters] as const];
  });
  return Object.fromEntries(links);
}
