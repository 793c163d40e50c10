import { expect, it } from 'vitest';
import type { Network } from '#lib/domain';
import type { Plan, Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';
import { Problems } from './problems.js';

const ensure = (id: string) =>
  ({ id: `network.ensure ${id}`, kind: 'network.ensure', network: { id } as Network }) as Step;
const plan = (...steps: Step[]) => ({ steps, waiting: [] }) as unknown as Plan;

it('are those of steps that failed last and are still to be taken', () => {
  const bus = new ReconcilerBus();
  const problems = new Problems(bus);
  const [lan, wan] = [ensure('lan'), ensure('wan')];
  bus.failed(lan, new Error('eth0 is gone'));
  bus.failed(lan, new Error('eth0 is still gone'));
  bus.failed(wan, new Error('eth1 is gone'));
  bus.planned(plan(lan, wan), []);
  expect(problems.all()).toEqual(['eth0 is still gone', 'eth1 is gone']);
  expect([problems.ofNetwork('lan'), problems.ofNetwork('other')]).toEqual(['eth0 is still gone', undefined]);
  bus.done(lan);
  expect(problems.all()).toEqual(['eth1 is gone']);
  bus.planned(plan(), [wan]);
  expect(problems.all()).toEqual(['eth1 is gone']);
  bus.planned(plan(), []);
  expect(problems.all()).toEqual([]);
});
