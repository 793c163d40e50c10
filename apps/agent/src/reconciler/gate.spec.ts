import { expect, it } from 'vitest';
import type { Step } from '#lib/planner';
import { Gate } from './gate.js';

const step = (kind: Step['kind']) => ({ kind }) as Step;

it('has as many places as it is wide, and one again for each that was left', () => {
  const gate = new Gate(2);
  expect(gate.enter(step('container.create'))).toBe(true);
  expect(gate.enter(step('container.start'))).toBe(true);
  expect(gate.enter(step('container.remove'))).toBe(false);
  gate.leave(step('container.create'));
  expect(gate.enter(step('container.remove'))).toBe(true);
  expect(gate.enter(step('container.start'))).toBe(false);
});

it('gives a place that was left for a while back to the step, before any other, when there is one', async () => {
  const gate = new Gate(1);
  gate.enter(step('container.create'));
  gate.leave(step('container.create'));
  expect(gate.enter(step('container.start'))).toBe(true);
  let inside = 0;
  const back = [1, 2].map(() => gate.enterAgain(step('container.create')).then(() => inside++));
  await new Promise((resolve) => setImmediate(resolve));
  expect(inside).toBe(0);
  gate.leave(step('container.start'));
  expect(gate.enter(step('container.start'))).toBe(false);
  await back[0];
  expect(inside).toBe(1);
  gate.leave(step('container.create'));
  await back[1];
  gate.leave(step('container.create'));
  expect(gate.enter(step('container.start'))).toBe(true);
});

it('lets containers start while others take their time to end', () => {
  const gate = new Gate(1);
  const stops = Array.from({ length: 100 }, () => gate.enter(step('container.stop')));
  expect(stops.filter(Boolean)).toHaveLength(64);
  expect(gate.enter(step('container.start'))).toBe(true);
});

it('asks nothing of steps that do not work the engine', () => {
  const gate = new Gate(1);
  for (const kind of ['container.create', 'container.forget', 'sandbox.ensure', 'volume.create'] as const) {
    expect(gate.enter(step(kind))).toBe(true);
  }
});
