import { expect, it } from 'vitest';
import { freshStatus, NodeNames, type Container, type ContainerStatus, type ObservedContainer } from '#lib/domain';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import type { Node } from '../node/tokens.js';
import type { World } from '../world/world.js';
import { Exits } from './exits.js';

const FIRST = '2026-01-01T00:00:00Z';
const FIRST_END = '2026-01-01T00:00:05Z';
const SECOND = '2026-01-01T01:00:00Z';

/** What became of a container's status once it was seen like that; its namespace is still there. */
async function accounted(
  over: Partial<Container>,
  before: Partial<ContainerStatus>,
  seen: Partial<ObservedContainer>,
): Promise<ContainerStatus> {
  const container = {
    id: 'c',
    origin: 'api',
    target: 'running',
    networkMode: 'bridged',
    restart: { name: 'no', maxRetries: 0 },
    ...over,
  } as Container;
  let status = { ...freshStatus(container), ...before };
  const view = { get: (kind: string) => ({ value: kind === 'container' ? container : status }) };
  const store = {
    transact: async (decide: (given: typeof view) => { changes: { value: ContainerStatus }[] }) => {
      for (const { value } of decide(view).changes) status = value;
    },
  };
  const observed = { state: 'exited', exitCode: 255, startedAt: FIRST, finishedAt: FIRST, lost: true, ...seen };
  const names = new NodeNames('0123456789abcdef');
  const host = { listNetns: (name: string) => [name] };
  const exits = new Exits(
    { names } as Node,
    store as unknown as Store,
    host as unknown as Host,
    { container: () => observed } as unknown as World,
  );
  exits.consider('c');
  await Promise.resolve();
  return status;
}

it.each([
  ['has no restart policy', {}, true],
  ['is to restart on failure', { restart: { name: 'on-failure', maxRetries: 0 } }, true],
  ['is to run unless stopped', { restart: { name: 'unless-stopped', maxRetries: 0 } }, false],
  ['is of a project', { origin: undefined }, false],
] as [string, Partial<Container>, boolean][])('what lost its power and %s', async (_what, over, finished) => {
  expect(await accounted(over, {}, {})).toMatchObject({ finished, endedAt: FIRST, exitCode: 255 });
});

it('the end of a run that was lost counts also after an earlier end, and once', async () => {
  const lost = { startedAt: SECOND, finishedAt: SECOND };
  expect(await accounted({}, { endedAt: FIRST_END }, lost)).toMatchObject({ finished: true, endedAt: SECOND });
  const started = { endedAt: SECOND, finished: false };
  expect(await accounted({}, started, lost)).toMatchObject(started);
});

it('a run that could not begin is not one that was lost', async () => {
  const known = { endedAt: FIRST_END, exitCode: 3, finished: false };
  expect(await accounted({}, known, {})).toMatchObject({ ...known, endedAt: FIRST });
  const refused = { finished: true, exitCode: 127, error: 'no such file' };
  expect(await accounted({ origin: undefined }, refused, {})).toMatchObject({ ...refused, endedAt: FIRST });
});

it('an end that was seen is decided by the policy, however soon it came', async () => {
  const seen = { exitCode: 0, startedAt: FIRST_END, finishedAt: FIRST, lost: undefined };
  expect(await accounted({ origin: undefined }, {}, seen)).toMatchObject({ finished: true, exitCode: 0 });
});
