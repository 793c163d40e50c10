import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Tells systemd that the service is ready (sd_notify(3)), when systemd started us. Node cannot send datagrams on unix
 * sockets; systemd's own tool does, and waits until the message has been taken.
 */
export async function notifyReady(env: NodeJS.ProcessEnv): Promise<void> {
  if (!env.NOTIFY_SOCKET) return;
  await promisify(execFile)('systemd-notify', ['--ready'], { env, timeout: 5_000 });
}

/** The environment without what systemd meant for us alone: Podman would report for us, and hand the socket to containers. */
export function withoutNotify(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ...rest } = env;
  delete rest.NOTIFY_SOCKET;
  return rest;
}
