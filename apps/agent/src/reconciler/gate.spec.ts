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
