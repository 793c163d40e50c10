import { expect, it } from 'vitest';
import type { Task } from '#lib/domain';
import type { GrantFacts } from '../containers/grant-containers.js';
import { TaskGrants } from './task-grants.js';

/** The first of those that are chosen where nobody asks for a number. */
const FIRST = 49_153;

const asking = (...numbers: (number | undefined)[]) =>
  ({
    id: 'web',
    serviceName: 'web',
    ports: numbers.map((PublishedPort) => ({ TargetPort: 80, PublishedPort, PublishMode: 'host' })),
  }) as unknown as Task;
const facts = (...listening: number[]) =>
  ({
    view: { list: () => [] },
    others: [],
    listening: (_protocol: string, port: number) => listening.includes(port),
    random: () => 0,
  }) as unknown as GrantFacts;

it.each([
  ['the first', facts(), [], FIRST],
  ['none that a process of the node has', facts(FIRST), [], FIRST + 1],
  ['none that another task asks for by number', facts(), [asking(FIRST + 1, FIRST)], FIRST + 2],
  ['the first, beside others that ask for none', facts(), [asking(undefined)], FIRST],
])('the port that a node chooses is %s', (_what, around, others, chosen) => {
  const task = asking(undefined);
  expect(new TaskGrants(around, [...others, task]).freePort(task, 80, 'tcp')).toBe(chosen);
});

it('no port is chosen twice', () => {
  const grants = new TaskGrants(facts(), []);
  expect([1, 2].map(() => grants.freePort(asking(undefined), 80, 'tcp'))).toEqual([FIRST, FIRST + 1]);
});
