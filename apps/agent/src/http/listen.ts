import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { invalid, unsupported } from '#lib/common';

/** Members of this group may use the socket; without the group only root may. */
const GROUP = 'skep';

/** Listens on `unix:///path`. A socket file that a killed agent left is replaced; the supervisor's lock says it is dead. */
export async function listen(server: Server, host: string): Promise<void> {
  const path = socketPath(host);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const gid = groupId(GROUP);
  if (gid !== undefined) chownSync(path, 0, gid);
  chmodSync(path, 0o660);
}

function socketPath(host: string): string {
  if (host.startsWith('unix://') && host.length > 'unix://'.length) return host.slice('unix://'.length);
  if (host.startsWith('tcp://'))
    throw unsupported(`hosts: ${host}: TCP needs mutual TLS, which is not there yet; use unix:///path`);
  throw invalid(`hosts: ${host}: expected unix:///path`);
}

function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}
