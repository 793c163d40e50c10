import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, rmSync, type Stats } from 'node:fs';
import type { Server } from 'node:http';
import { connect, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import { conflict, forbidden, invalid, messageOf, unavailable } from '#lib/common';

/** Members of this group may use the socket; without the group only root may. */
const GROUP = 'skep';

/**
 * Listens on `unix:///path` or `tcp://IP:PORT`; the server of a TCP host must be one that asks for certificates. A
 * socket that a killed agent left is replaced: nobody listens on it. Whatever else is at that path is not ours to remove:
 * `conflict`.
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
  await makeRoom(path, host);
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

/** The lock of the data root says nothing of this path: other daemons, Docker's among them, may have been given it. */
async function makeRoom(path: string, host: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) {
    throw conflict(`hosts: ${host}: ${path} is ${kindOf(found)}, and no socket: move it away, or name another path`);
  }
  const refusal = await refusalOf(path);
  if (refusal === 'ECONNREFUSED') rmSync(path, { force: true });
  else if (refusal === undefined || refusal === 'EAGAIN') {
    throw conflict(
      `hosts: ${host}: in use by another process, which listens on ${path}: stop it (ss -lxp shows which one it is), ` +
        'or name another path in "hosts"',
    );
  } else if (refusal !== 'ENOENT') {
    throw conflict(
      `hosts: ${host}: it cannot be told whether a process uses ${path} (${refusal}): remove it if none does, ` +
        'or name another path in "hosts"',
    );
  }
}

/** Why nobody can connect to a socket; undefined: somebody listens. */
function refusalOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path })
      .once('connect', () => {
        socket.destroy();
        resolve(undefined);
      })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function kindOf(found: Stats): string {
  if (found.isFile()) return 'a file';
  if (found.isDirectory()) return 'a folder';
  return found.isSymbolicLink() ? 'a symbolic link' : 'something else';
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
