import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { System } from '../system.js';
import { FrameReader } from './frames.js';
import { hijack } from './hijack.js';
import type { NodeClient } from './node-client.js';
import { asUnreachable } from './transport.js';

export interface ExecRequest {
  container: string;
  command: readonly string[];
  tty: boolean;
  detach: boolean;
  user?: string;
  workdir?: string;
  env: readonly string[];
}

/** Runs a command in a container, wired to this process's terminal. Returns its exit code; 0 at once when detached. */
export async function exec(client: NodeClient, request: ExecRequest, system: System): Promise<number> {
  const { container, command, tty, detach, user, workdir, env } = request;
  const { Id: id } = await client.json<{ Id: string }>({
    method: 'POST',
    path: `/containers/${encodeURIComponent(container)}/exec`,
    body: {
      AttachStdin: !detach,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Tty: tty,
      Cmd: command,
      Env: env,
      ...(user !== undefined && { User: user }),
      ...(workdir !== undefined && { WorkingDir: workdir }),
    },
  });
  if (detach) {
    await client.text({ method: 'POST', path: `/exec/${id}/start`, body: { Detach: true, Tty: tty } });
    return 0;
  }
  const socket = await hijack(client.address, `/exec/${id}/start`, { Detach: false, Tty: tty });
  try {
    await (tty ? onTerminal(client, id, socket, system) : onStreams(socket, system));
  } catch (error) {
    throw asUnreachable(error, client.address);
  }
  const { ExitCode } = await client.json<{ ExitCode: number | null }>({ method: 'GET', path: `/exec/${id}/json` });
  return ExitCode ?? 1;
}

/** Raw both ways: every key, Ctrl-C included, goes to the command, and its terminal has the size of ours. */
async function onTerminal(client: NodeClient, id: string, socket: Duplex, system: System): Promise<void> {
  const { stdin, stdout, signals } = system;
  const resize = () => {
    const { columns: w, rows: h } = stdout;
    if (!w || !h) return;
    // The command may have ended meanwhile; a terminal of the wrong size is no reason to fail.
    client.text({ method: 'POST', path: `/exec/${id}/resize?h=${h}&w=${w}` }).catch(() => {});
  };
  stdin.setRawMode?.(true);
  signals.on('SIGWINCH', resize);
  resize();
  try {
    socket.on('data', (chunk: Buffer) => stdout.write(chunk));
    await wire(socket, system);
  } finally {
    signals.off('SIGWINCH', resize);
    stdin.setRawMode?.(false);
  }
}

async function onStreams(socket: Duplex, system: System): Promise<void> {
  const frames = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const { stream, payload } of frames.read(chunk)) {
      // Who reads more slowly than the command writes holds the command up, not our memory.
      if (!system[stream].write(payload)) {
        socket.pause();
        system[stream].once('drain', () => socket.resume());
      }
    }
  });
  await wire(socket, system);
}

/** Standard input to the command until either side ends; resolves once the command's output has ended. */
async function wire(socket: Duplex, { stdin }: System): Promise<void> {
  // A command that ends leaves input unread: that write fails, and is no error of ours.
  socket.on('error', () => {});
  stdin.pipe(socket);
  try {
    await finished(socket, { writable: false });
  } finally {
    stdin.unpipe(socket);
    stdin.pause();
    stdin.unref?.();
    socket.destroy();
  }
}
