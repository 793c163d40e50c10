import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { messageOf, unavailable, waitFor } from '#lib/common';
import type { Host } from '#lib/host';

/** Where wireguard-go listens for its settings; `wg` looks there, too. */
const socketOf = (name: string): string => `/var/run/wireguard/${name}.sock`;
const STARTS_WITHIN = 5_000;

/**
 * wireguard-go with a TUN device of that name. It is a child of nobody: containers go on talking while no agent runs. It
 * ends when its link is removed, and its link goes when it ends, so one look at the link tells of both.
 */
export async function startUserspace(name: string, execRoot: string, host: Pick<Host, 'links'>): Promise<void> {
  // One that was killed leaves its socket.
  rmSync(socketOf(name), { force: true });
  const env = { PATH: process.env['PATH'], LOG_LEVEL: 'silent', SKEP_EXEC_ROOT: execRoot };
  const child = spawn('wireguard-go', ['-f', name], { stdio: 'ignore', detached: true, env });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(unavailable(`wireguard-go cannot be started: ${messageOf(error)}`, error)));
  });
  child.unref();
  const ready = () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw unavailable(`wireguard-go ended at its start (exit code ${child.exitCode ?? child.signalCode})`);
    }
    return existsSync(socketOf(name)) && host.links().some((link) => link.name === name);
  };
  await waitFor(ready, { ms: STARTS_WITHIN, every: 10, what: `wireguard-go (${child.pid}) to make ${name}` });
}
