import { expect, it } from 'vitest';
import type { Step } from '#lib/planner';
import { Gate } from './gate.js';

const step = (kind: Step['kind']) => ({ kind }) as Step;
/** Lets all go on that may. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('lets containers start while others take their time to end', async () => {
  const gate = new Gate(1);
  const went: string[] = [];
  let end = () => undefined as void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const stops = [1, 2].map((each) =>
    gate.pass(step('container.stop'), async () => {
      went.push(`stop ${each}`);
      await ended;
    }),
  );
  await gate.pass(step('container.start'), async () => void went.push('start'));
  expect(went).toEqual(['stop 1', 'stop 2', 'start']);
  end();
  await Promise.all(stops);
});

it('lets in as many as there are places, starts before creates', async () => {
  const gate = new Gate(1);
  const went: string[] = [];
  let end = () => undefined as void;
  const first = gate.pass(step('container.create'), async () => {
    went.push('first');
    await new Promise<void>((resolve) => (end = resolve));
  });
  const others = (['container.create', 'container.start'] as const).map((kind) =>
    gate.pass(step(kind), async () => void went.push(kind)),
  );
  await turn();
  expect(went).toEqual(['first']);
  end();
  await Promise.all([first, ...others]);
  expect(went).toEqual(['first', 'container.start', 'container.create']);
});
