import { describe, expect, it } from 'vitest';
import type { PlanStepView } from '#lib/contracts';
import { planLines } from './plan.js';

const step = (id: string, kind: string, name: string, after: string[] = []): PlanStepView => ({
  id,
  kind,
  resource: 'container',
  name,
  after,
});

describe('planLines', () => {
  it('numbers the steps so that each waits only for lower numbers', () => {
    const steps = [
      step('s', 'start', 'p-web-1', ['c', 'n']),
      step('c', 'create', 'p-web-1', ['n']),
      step('n', 'network', 'p_front'),
      step('v', 'volume', 'p_data'),
    ];
    expect(planLines({ steps })).toEqual([
      'Plan: 4 steps',
      '  1. network  p_front  at once',
      '  2. volume   p_data   at once',
      '  3. create   p-web-1  after 1',
      '  4. start    p-web-1  after 1, 3',
    ]);
  });

  it('says that there is nothing to do', () => {
    expect(planLines({ steps: [] })).toEqual(['Nothing to do: everything is as the files ask for.']);
  });

  it('ends on a cycle and on steps that are not there', () => {
    const lines = planLines({
      steps: [step('a', 'x', 'a', ['b']), step('b', 'x', 'b', ['a']), step('c', 'x', 'c', ['gone'])],
    });
    expect(lines).toHaveLength(4);
    expect(lines[1]).toBe('  1. x  c  at once');
  });
});
