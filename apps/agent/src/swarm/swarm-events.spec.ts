import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Membership } from '#lib/contracts';
import { eventFilter } from '../engine-api/events/event-filter.js';
import { EventLog } from '../events/event-log.js';
import { ManagerClient } from '../membership/manager-client.js';
import type { SwarmMembership } from '../membership/membership.js';
import type { Node } from '../node/tokens.js';
import { SwarmEvents } from './swarm-events.js';

let folder: string;
let server: Server;
/** who reads from the manager */
let readers: ServerResponse[];
let role: Membership['role'] | undefined;
let changed: () => void;
let log: EventLog;
let events: SwarmEvents;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skep-swarm-events-'));
  const managerSocket = join(folder, 'manager.sock');
  readers = [];
  role = 'manager';
  server = createServer((asked, answer) => {
    if (asked.url !== '/skep/v1/events') return void answer.writeHead(404).end();
    answer.writeHead(200).flushHeaders();
    readers.push(answer);
    answer.on('close', () => (readers = readers.filter((each) => each !== answer)));
  });
  await new Promise<void>((listening) => server.listen(managerSocket, listening));
  const membership = {
    get current() {
      return role && { role };
    },
    onChange: (listener: () => void) => (changed = listener),
  } as unknown as SwarmMembership;
  log = new EventLog();
  events = new SwarmEvents(membership, new ManagerClient({ config: { managerSocket } } as Node, membership), log);
});
afterEach(async () => {
  events.stop();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

const reads = (count: number) => waitFor(() => readers.length === count, { ms: 5_000, what: `${count} who read` });
const line = (name: string) =>
  `${JSON.stringify({ type: 'service', action: 'update', actor: { id: `${name}-id`, attributes: { name } } })}\n`;
const told = (filters = {}) => log.between(undefined, undefined).filter(eventFilter(JSON.stringify(filters)));
const names = (filters = {}) => told(filters).map(({ actor }) => actor.attributes['name']);

it('events of the swarm are among those of a manager’s node, however their bytes were cut', async () => {
  events.start();
  await reads(1);
  const text = line('web') + line('dünn');
  const bytes = Buffer.from(text);
  readers[0]!.write(bytes.subarray(0, bytes.length - 12));
  readers[0]!.write(bytes.subarray(bytes.length - 12));
  await waitFor(() => told().length === 2, { ms: 5_000, what: 'two events' });
  expect(names()).toEqual(['web', 'dünn']);
  expect(told()[0]).toMatchObject({ type: 'service', action: 'update', scope: 'swarm' });
  log.record('network', 'create', { id: 'n', attributes: { name: 'local' } });
  expect(names({ scope: ['swarm'] })).toEqual(['web', 'dünn']);
  expect(names({ scope: ['local'] })).toEqual(['local']);
  expect(names({ type: ['service'], service: ['web-id'] })).toEqual(['web']);
  expect(names({ service: ['web', 'none'] })).toEqual(['web']);
  expect(names({ node: ['web'] })).toEqual([]);
});

it('are asked for again when the manager has gone, and not once the node is none', async () => {
  events.start();
  await reads(1);
  readers[0]!.write(line('half').slice(0, 20));
  readers[0]!.destroy();
  await reads(0);
  await reads(1);
  readers[0]!.write(line('web'));
  await waitFor(() => told().length === 1, { ms: 5_000, what: 'an event' });
  role = undefined;
  changed();
  await reads(0);
  role = 'worker';
  changed();
  role = 'manager';
  changed();
  await reads(1);
});
