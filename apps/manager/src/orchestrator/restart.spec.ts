import { describe, expect, it } from 'vitest';
import type { Task } from '#lib/domain';
import { START, TestCluster } from '../testing/test-cluster.js';
import { newTask } from './new-task.js';
import { afterEnd } from './restart.js';

const SECOND = 1_000;
const at = (seconds: number) => START + seconds * SECOND;

/** Tasks of one replica that were made at these seconds, and failed when the next one was made; the last at `ended`. */
function verdict(made: number[], ended: number, policy: object, now = ended): boolean {
  const service = new TestCluster().service('web', {
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Delay: 1, ...policy } },
  });
  const history = made.map((moment, index): Task => {
    const status = { state: 'failed' as const, at: new Date(at(made[index + 1] ?? ended)).toISOString(), message: '' };
    return { ...newTask(service, { slot: 1 }, at(moment)), status };
  });
  return afterEnd(history.at(-1)!, history, at(now)).again;
}

describe('how often a replica is tried', () => {
  it.each([
    ['the first task is no restart', [0], 5, { MaxAttempts: 1 }, true],
    ['as often as it may be', [0, 1, 2], 5, { MaxAttempts: 2 }, false],
    ['0 is without a limit', [0, 1, 2, 3], 5, { MaxAttempts: 0 }, true],
    ['restarts before the window do not count', [0, 1, 20], 25, { MaxAttempts: 2, Window: 10e9 }, true],
    ['those within do', [0, 17, 20], 25, { MaxAttempts: 2, Window: 10e9 }, false],
    ['also where the first task was before it', [0, 50, 51, 52], 53, { MaxAttempts: 3, Window: 10e9 }, false],
  ])('%s', (_what, made, ended, policy, again) => {
    expect(verdict(made, ended, policy)).toBe(again);
  });

  it('is told by the moment of the failure: one that was given up stays so', () => {
    const policy = { MaxAttempts: 2, Window: 10e9 };
    for (const now of [3, 20, 10_000]) expect(verdict([0, 1, 2], 3, policy, now)).toBe(false);
  });

  it('waits for the delay and no longer, also where the clock was set back', () => {
    const service = new TestCluster().service('web');
    const failed = { state: 'failed' as const, at: new Date(at(600)).toISOString(), message: '' };
    const latest = { ...newTask(service, { slot: 1 }, at(0)), status: failed };
    expect(afterEnd(latest, [latest], at(10))).toEqual({ again: true, notBefore: at(15), makeAt: at(10) });
  });

  it('waits for its time where the one before ended earlier than its own', () => {
    const service = new TestCluster().service('web');
    const rejected = { state: 'rejected' as const, at: new Date(at(1)).toISOString(), message: '' };
    const latest = { ...newTask(service, { slot: 1, notBefore: at(5) }, at(0)), status: rejected };
    expect(afterEnd(latest, [latest], at(1))).toEqual({ again: true, notBefore: at(10), makeAt: at(5) });
    expect(afterEnd(latest, [latest], at(5))).toMatchObject({ makeAt: at(5) });
    // The clock was set back by an hour.
    expect(afterEnd(latest, [latest], at(-3600))).toMatchObject({ makeAt: at(-3600) });
  });
});
