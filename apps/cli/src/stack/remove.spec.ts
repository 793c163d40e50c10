import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SwarmApi } from '../swarm/swarm-api.js';
import { removeStack } from './remove.js';
import type { Work } from './work.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ['grace period', {}, { StopGracePeriod: 180e9 }, 180_000],
  ['time for what was begun', { 'x-skep.drain': '5m' }, {}, 300_000],
  ['time for what was begun, of none', { 'x-skep.drain': '0' }, {}, 0],
])('a stack is not given up before a task’s %s is over', async (_what, Labels, ContainerSpec, takes) => {
  let State = 'running';
  const services = [{ ID: 's', Spec: { Name: 'web', Labels, TaskTemplate: { ContainerSpec } } }];
  const tasks = () => [{ ServiceID: 's', Status: { State } }];
  const api = {
    list: async (kind: string) => (kind === 'services' ? services : kind === 'tasks' ? tasks() : []),
    remove: () => Promise.resolve(),
  } as unknown as SwarmApi;
  let outcome: unknown = 'waits';
  removeStack('shop', api, { say: () => undefined } as unknown as Work).then(
    (removed) => (outcome = removed),
    (error: unknown) => (outcome = error),
  );
  await vi.advanceTimersByTimeAsync(takes + 100_000);
  expect(outcome).toBe('waits');
  State = 'shutdown';
  await vi.advanceTimersByTimeAsync(200);
  expect(outcome).toBe(true);
});
