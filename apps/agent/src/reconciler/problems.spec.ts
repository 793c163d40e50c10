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

it('are told by the step, and to who listens once for each change', () => {
  const bus = new ReconcilerBus();
  const problems = new Problems(bus);
  let changes = 0;
  problems.onChange(() => (changes += 1));
  const [lan, wan] = [ensure('lan'), ensure('wan')];
  const asked = () => [problems.ofSteps([lan.id]), problems.ofSteps([lan.id, wan.id]), problems.ofSteps([])];

  bus.failed(wan, new Error('the port is taken'));
  bus.failed(wan, new Error('the port is taken'));
  expect([asked(), changes]).toEqual([[undefined, 'the port is taken', undefined], 1]);
  bus.failed(lan, new Error('no address'));
  expect([asked(), changes]).toEqual([['no address', 'no address', undefined], 2]);
  bus.done(lan);
  bus.done(lan);
  bus.planned(plan(), []);
  bus.planned(plan(), []);
  expect([asked(), changes]).toEqual([[undefined, undefined, undefined], 4]);
});
