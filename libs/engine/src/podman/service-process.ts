import { readdirSync, readFileSync } from 'node:fs';
import { SkepError, waitFor } from '#lib/common';

/** Environment variable of a service: the digest of what it was started with. */
export const SETTINGS_VARIABLE = 'SKEP_ENGINE_SETTINGS';

/** A running service. The start time makes the pid unmistakable. */
export interface ServiceProcess {
  pid: number;
  /** in clock ticks since boot */
  startTime: string;
  /** value of SETTINGS_VARIABLE */
  settings: string | undefined;
}

/** Services that listen on this socket, found by their own arguments, so that no file about them can be stale. */
export function findServices(socketPath: string): ServiceProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const argv = proc(name, 'cmdline').split('\0');
      const serves = argv.includes('service') && argv.includes(`unix://${socketPath}`);
      return serves ? describe(Number(name)) : [];
    });
}

/** The process with this pid, or nothing when it is gone or a zombie. */
export function describe(pid: number): ServiceProcess[] {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return [];
  const settings = proc(String(pid), 'environ')
    .split('\0')
    .find((entry) => entry.startsWith(`${SETTINGS_VARIABLE}=`))
    ?.slice(SETTINGS_VARIABLE.length + 1);
  return [{ pid, startTime, settings }];
}

export function isRunning(service: ServiceProcess): boolean {
  return startTimeOf(service.pid) === service.startTime;
}

/** SIGTERM, and SIGKILL when that takes more than 5 seconds. Containers are processes of their own and keep running. */
export async function endProcess(service: ServiceProcess): Promise<void> {
  for (const [signal, ms] of [
    ['SIGTERM', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isRunning(service)) return;
    try {
      process.kill(service.pid, signal);
    } catch {
      return;
    }
    const gone = await waitFor(() => !isRunning(service), { ms, what: `the end of process ${service.pid}` }).catch(
      (error: unknown) => {
        if (SkepError.is(error, 'timeout')) return false;
        throw error;
      },
    );
    if (gone) return;
  }
  throw new SkepError('internal', `podman's service (process ${service.pid}) does not end`);
}

function startTimeOf(pid: number): string | undefined {
  const stat = proc(String(pid), 'stat');
  // The command's name stands in parentheses and may contain anything: proc_pid_stat(5).
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || state === 'Z' || state === 'X' ? undefined : rest[18];
}

function proc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
