import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import { forbidden, invalid, messageOf, unavailable } from '#lib/common';

/** Members of this group may use the socket; without the group only root may. */
const GROUP = 'skep';

/**
 * Listens on `unix:///path` or `tcp://IP:PORT`; the server of a TCP host must be one that asks for certificates. A
 * socket file that a killed agent left is replaced; the supervisor's lock says it is dead.
 */
export async function listen(server: Server, host: string): Promise<void> {
  const [, path] = /^unix:\/\/(.+)$/.exec(host) ?? [];
  if (path === undefined) {
    if (!(server instanceof TlsServer)) {
      throw forbidden(
        `hosts: ${host}: whoever reaches it would be root on this node; it needs certificates on both sides`,
      );
    }
    return listening(server, host, tcpAddress(host));
  }
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  await listening(server, host, { path });
  const gid = groupId(GROUP);
  if (gid !== undefined) chownSync(path, 0, gid);
  chmodSync(path, 0o660);
}

export const isTcp = (host: string): boolean => host.startsWith('tcp://');

async function listening(server: Server, host: string, where: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refused = (error: Error) => reject(unavailable(`hosts: ${host}: ${messageOf(error)}`, error));
    server.once('error', refused);
    server.listen(where, () => {
      server.off('error', refused);
      resolve();
    });
  });
}

function tcpAddress(host: string): ListenOptions {
  const [, address, port] = /^tcp:\/\/(.+):(\d+)$/.exec(host) ?? [];
  if (!address) throw invalid(`hosts: ${host}: expected unix:///path or tcp://IP:PORT`);
  return { host: address.replace(/^\[(.+)\]$/, '$1'), port: Number(port) };
}

function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}
