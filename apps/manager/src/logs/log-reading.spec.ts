import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Response } from 'express';
import { Subject } from 'rxjs';
import { beforeEach, expect, it } from 'vitest';
import type { LogMessage, LogsWanted, ToNodeInput } from '#lib/contracts';
import type { Task, TaskState } from '#lib/domain';
import type { ClusterStore } from '#lib/store';
import type { Dispatcher } from '../dispatcher/dispatcher.js';
import { newTask } from '../orchestrator/new-task.js';
import { TestCluster } from '../testing/test-cluster.js';
import { LogBroker } from './log-broker.js';
import { LogReading } from './log-reading.js';

const time = (second: number) => `2026-01-01T00:00:0${second}.000000007Z`;

let cluster: TestCluster;
let listeners: Set<(committed: unknown) => void>;
/** of the only node; undefined: it is away */
let session: object | undefined;
/** what it was asked, query by query */
let asked: LogsWanted[];
let broker: LogBroker;
let reading: LogReading;

beforeEach(() => {
  cluster = new TestCluster();
  cluster.node('a');
  [listeners, session, asked] = [new Set(), {}, []];
  const store = {
    ...cluster.store(),
    feed: (listener: (committed: unknown) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as ClusterStore;
  const ask = (_nodeId: string, { logs }: ToNodeInput) => {
    if (session) asked.push(logs as LogsWanted);
    return session !== undefined;
  };
  broker = new LogBroker(store, { ask, sessionOf: () => session } as unknown as Dispatcher);
  reading = new LogReading(store, broker);
  cluster.put('task', newTask(cluster.service('web'), { slot: 1, nodeId: 'a' }, cluster.now));
  become('running');
});

const task = (): Task => cluster.list('task')[0]!;

/** After each commit everything has its turn. */
async function committed(): Promise<void> {
  for (const listener of listeners) listener({ changes: [{ kind: 'node' }] });
  await turn();
  await turn();
}

function become(state: TaskState): Promise<void> {
  cluster.report([task()], state, { containerId: 'c' });
  return committed();
}

/** The node opens a session. */
function hello(): Promise<void> {
  session = {};
  cluster.node('a');
  return committed();
}

function down(): Promise<void> {
  cluster.node('a', { status: { state: 'down', addr: '' } });
  return committed();
}

/** Somebody reads, until the task has ended. */
function read(query: Record<string, string>) {
  const response = Object.assign(new EventEmitter(), {
    text: '',
    ended: false,
    status: () => response,
    setHeader: () => response,
    flushHeaders: () => undefined,
    write: (data: Buffer) => {
      response.text += data.toString('latin1');
      return true;
    },
    end: () => (response.ended = true),
  });
  const source = { tasks: () => [task()], complete: () => task().status.state === 'complete', tty: false };
  void reading.answer(source, { stdout: '1', ...query }, response as unknown as Response);
  return response;
}

/** The node opens the stream that it was asked for last. */
async function opened() {
  const messages = new Subject<Partial<LogMessage>>();
  let cut = false;
  broker.publish('a', messages as Subject<LogMessage>, () => cut).subscribe({ error: () => undefined });
  messages.next({ subscription: asked.at(-1)!.subscription });
  await turn();
  return {
    async says(text: string, second: number) {
      messages.next({ data: Buffer.from(text), time: time(second) });
      await turn();
    },
    async fails(error: string) {
      messages.next({ error });
      await turn();
    },
    async ends() {
      messages.complete();
      await turn();
    },
    async breaksOff() {
      cut = true;
      messages.complete();
      await turn();
    },
  };
}
const queries = () => asked.map(({ query }) => query);

it('goes on after the last line when a node is back', async () => {
  const response = read({ follow: '1', tail: '2' });
  await turn();
  const before = await opened();
  await before.says('one ', 1);
  session = undefined;
  await before.breaksOff();
  await committed();
  expect(asked).toHaveLength(1);
  await hello();
  expect(queries()).toEqual(['stdout=1&follow=1&tail=2', 'stdout=1&follow=1&since=1767225601.000000008']);
  const after = await opened();
  await after.says('two ', 2);
  await become('complete');
  await after.ends();
  expect(response).toMatchObject({ text: 'one two ', ended: true });
});

it('begins when a node that was away is there', async () => {
  session = undefined;
  const response = read({ follow: '1', tail: '2' });
  await committed();
  expect(asked).toEqual([]);
  await hello();
  expect(queries()).toEqual(['stdout=1&follow=1&tail=2']);
  await (await opened()).says('one ', 1);
  expect(response.text).toBe('one ');
});

it('takes nothing twice from a stream that was left over when the node began anew', async () => {
  const response = read({ follow: '1' });
  await turn();
  const before = await opened();
  await before.says('one ', 1);
  await hello();
  await before.says('two ', 2);
  await (await opened()).says('two ', 2);
  expect(response.text).toBe('one two ');
});

it('goes on with a node that was down and is heard of again', async () => {
  read({ follow: '1' });
  await turn();
  await (await opened()).says('one ', 1);
  await down();
  expect(asked).toHaveLength(1);
  cluster.node('a');
  await committed();
  expect(queries()[1]).toContain('since=1767225601.000000008');
});

it('begins again where it began, when nothing was shown yet', async () => {
  read({ follow: '1', since: '1.5' });
  read({ follow: '1', tail: '0' });
  await turn();
  await hello();
  expect(queries()[2]).toBe('stdout=1&follow=1&since=1.500000000');
  // Without a line of before, those since then.
  expect(queries()[3]).toMatch(/^stdout=1&follow=1&since=\d{10}\.\d{9}$/);
});

it('does not ask again for what would fail again, and says in the end what is missing', async () => {
  const response = read({ follow: '1' });
  await turn();
  await (await opened()).fails('its driver keeps no log');
  await committed();
  await committed();
  expect(asked).toHaveLength(1);
  await become('complete');
  await hello();
  expect(asked).toHaveLength(1);
  expect(response.text).toContain('following reasons: its driver keeps no log');
});

it('reads once without follow', async () => {
  const response = read({});
  await turn();
  const stream = await opened();
  await stream.says('one ', 1);
  await stream.breaksOff();
  await hello();
  expect(asked).toHaveLength(1);
  expect(response.ended).toBe(true);
  expect(response.text).toContain('node a was cut off');
});
