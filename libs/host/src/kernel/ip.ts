import { Semaphore } from '#lib/common';
import type { Forwarding, IpLine } from '../host.js';
import { renderBatch } from '../ip-lines.js';
import { forwardingRequest } from '../netlink/forwarding.js';
import { requestFor } from '../netlink/requests/request-for.js';
import type { Request } from '../netlink/requests/request.js';
import { runBatch } from './ip-batch.js';
import { RequestSocket } from './request-socket.js';

/** So many at once, each with a socket and a thread of the pool, which takes no more than 256 calls. */
const conversations = new Semaphore(64);

/**
 * Lines that are all spoken in process go to rtnetlink; one that is not takes all of them to `ip -batch`. A process
 * costs a fork of this one, which stops everything else in it for some milliseconds.
 */
export async function runLines(lines: readonly IpLine[], netns?: string): Promise<void> {
  if (lines.length === 0) return;
  // Refuses what no line may contain, before anything runs.
  const batch = renderBatch(lines);
  const requests = lines.flatMap((line) => requestFor(line) ?? []);
  if (requests.length === lines.length) await runRequests(lines, requests, netns);
  else await runBatch('ip', lines, batch, netns);
}

/** Entries of a link's forwarding, one after the other. */
export async function runForwarding(
  link: string,
  { remove, put }: { remove: readonly Forwarding[]; put: readonly Forwarding[] },
): Promise<void> {
  const changes = [
    ...remove.map((entry) => ({ verb: 'del' as const, entry })),
    ...put.map((entry) => ({ verb: 'replace' as const, entry })),
  ];
  const requests = changes.map(({ verb, entry }) => forwardingRequest(verb, link, entry));
  const lines = changes.map(({ verb, entry }) => [
    'neigh',
    verb,
    entry.table === 'bridge' ? 'bridge' : entry.to,
    'lladdr',
    entry.mac,
    'dev',
    link,
  ]);
  if (requests.length > 0) await runRequests(lines, requests);
}

function runRequests(lines: readonly IpLine[], requests: readonly Request[], netns?: string): Promise<void> {
  return conversations.run(async () => {
    const socket = RequestSocket.open(netns);
    try {
      for (const [index, request] of requests.entries()) await socket.run(request, lines[index]!);
    } finally {
      socket.close();
    }
  });
}
