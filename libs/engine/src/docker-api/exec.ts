import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { after, SkepError, systemClock, waitFor } from '#lib/common';
import type { ExecResult } from '../engine.js';
import { frames } from './frames.js';

const OUTPUT_BYTES = 4096;
/** An engine may say that a command runs for a moment after its output has ended; a busy one, for a longer one. Milliseconds. */
export const EXIT_LAG_MS = 5_000;

/** Runs a command in a running container to its end. Past the time-out it is killed with its children. */
export async function runExec(
  docker: Docker,
  engineId: string,
  argv: string[],
  options: { timeoutMs: number },
): Promise<ExecResult> {
  const exec = await docker
    .getContainer(engineId)
    .exec({ Cmd: argv, AttachStdout: true, AttachStderr: true, Tty: false });
  const stream = (await exec.start({ hijack: true, stdin: false })) as Duplex;
  let late = false;
  const callOff = after(options.timeoutMs, () => {
    late = true;
    void Promise.race([endOf(exec), systemClock.sleep(EXIT_LAG_MS)]).finally(() => stream.destroy());
  });
  try {
    const output = await gather(stream);
    const exitCode = await exitCodeOf(exec);
    if (!late) return { exitCode, output };
  } catch (error) {
    if (!late) throw error;
  } finally {
    callOff();
    stream.destroy();
  }
  throw new SkepError('timeout', `exec ${argv.join(' ')} in container ${engineId}: not within ${options.timeoutMs} ms`);
}

/** Reads to the end, so that the command never waits for its reader, and keeps the beginning. */
async function gather(stream: Duplex): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const { data } of frames(stream)) {
    if (bytes < OUTPUT_BYTES) kept.push(data.subarray(0, OUTPUT_BYTES - bytes));
    bytes += data.length;
  }
  return Buffer.concat(kept).toString('utf8');
}

async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  const ended = await waitFor(
    async () => {
      const info = await exec.inspect();
      return !info.Running && info.ExitCode !== null && { code: info.ExitCode };
    },
    { ms: EXIT_LAG_MS, every: 5, what: `the end of exec ${exec.id}` },
  );
  return ended.code;
}

/** The process that an exec started is in a session of its own; with it go its children. */
async function endOf(exec: Docker.Exec): Promise<void> {
  const { Running: running, Pid: pid } = await exec.inspect().catch(() => ({ Running: false, Pid: 0 }));
  if (!running || pid <= 1) return;
  for (const target of [-sessionOf(pid), pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  }
}

/** Its leader is the process itself with runc, and with crun one that was there before it: proc(5), field 6 of stat. */
function sessionOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) || pid;
  } catch {
    return pid;
  }
}
