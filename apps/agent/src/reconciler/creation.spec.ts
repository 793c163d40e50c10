import { expect, it } from 'vitest';
import type { Container } from '#lib/domain';
import { isLastRun, limitsOfRun } from './creation.js';

it.each([
  [{ target: 'removed' }, true],
  [{ target: 'running', autoRemove: true }, true],
  [{ target: 'stopped', autoRemove: true }, true],
  [{ target: 'stopped', autoRemove: true, restarting: true }, false],
  [{ target: 'stopped' }, false],
  [{ target: 'running' }, false],
])('of %j the run is the last one: %s', (container, last) => {
  expect(isLastRun(container as Container)).toBe(last);
});

it.each([
  [{ Memory: 64, MemorySwap: -1 }, undefined, { Memory: 64, MemorySwap: -1 }],
  [
    { Memory: 64, MemorySwap: -1 },
    { Memory: 32, CpuShares: 2 },
    { Memory: 32, MemorySwap: -1, CpuShares: 2 },
  ],
  [{ Memory: 64, MemorySwap: 128 }, undefined, undefined],
  [{ MemorySwap: -1 }, { CpuShares: 2 }, { CpuShares: 2 }],
])('of %j, changed by %j, a run is told %j', (HostConfig, resources, told) => {
  expect(limitsOfRun({ spec: { Image: 'i', HostConfig }, resources })).toEqual(told);
});
