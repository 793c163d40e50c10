import { describe, expect, it } from 'vitest';
import type { ServiceMode } from '#lib/domain';
import { serviceTable } from './service-table.js';
import type { ShownService } from './swarm-api.js';

const shown = (Mode: ServiceMode, [RunningTasks, DesiredTasks, CompletedTasks]: [number, number, number]) =>
  serviceTable([
    {
      ID: 'z'.repeat(25),
      Spec: { Name: 'one', Mode, TaskTemplate: { ContainerSpec: { Image: 'demo:1' } } },
      ServiceStatus: { RunningTasks, DesiredTasks, CompletedTasks },
    } as ShownService,
  ]);

describe('how many tasks of a service there are', () => {
  it.each([
    ['replicated', { Replicated: { Replicas: 6 } }, [5, 6, 0], '5/6 '],
    ['replicated job', { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 5 } }, [1, 2, 4], '1/2 (4/5 completed)'],
    ['global job', { GlobalJob: {} }, [1, 1, 2], '1/1 (2/3 completed)'],
  ] as const)('%s', (name, mode, counts, text) => {
    expect(shown(mode, [...counts])).toMatch(new RegExp(` ${name} +${text.replace(/[()]/g, '\\$&')}`));
  });
});
