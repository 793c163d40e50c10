import { expect, it } from 'vitest';
import { UpstreamHealth } from './upstream-health.js';

const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((key) => ({ key }));
const servers = [a!, b!, c!];

function clock() {
  let now = 0;
  return { now: () => now, pass: (ms: number) => (now += ms) };
}

it('asks those last that did not answer', () => {
  const health = new UpstreamHealth(clock());
  expect(health.inOrder(servers)).toEqual([a, b, c]);
  health.failed(a!);
  expect(health.inOrder(servers)).toEqual([b, c, a]);
  health.failed(b!);
  expect(health.inOrder(servers)).toEqual([c, a, b]);
  health.answered(a!);
  expect(health.inOrder(servers)).toEqual([a, c, b]);
});

it('tries each again when its time is over: once, and after a longer time when it fails again', () => {
  const time = clock();
  const health = new UpstreamHealth(time);
  health.failed(a!);
  expect(health.takeDue(servers)).toEqual([]);
  time.pass(2_000);
  expect(health.takeDue(servers)).toEqual([a]);
  expect(health.takeDue(servers)).toEqual([]);
  health.failed(a!);
  time.pass(2_000);
  expect(health.takeDue(servers)).toEqual([]);
  time.pass(2_000);
  expect(health.takeDue(servers)).toEqual([a]);
});

it('knows who was waited for in vain, until it is time to try again', () => {
  const time = clock();
  const health = new UpstreamHealth(time);
  health.failed(a!);
  expect(health.isSilent(a!)).toBe(false);
  time.pass(3_000);
  health.gaveUp(a!);
  expect(health.isSilent(a!)).toBe(true);
  health.failed(a!);
  time.pass(3_000);
  expect(health.isSilent(a!)).toBe(true);
  time.pass(1_000);
  expect(health.isSilent(a!)).toBe(false);
  health.takeDue(servers);
  expect(health.isSilent(a!)).toBe(true);
  health.answered(a!);
  expect(health.isSilent(a!)).toBe(false);
});

it('forgets the oldest of very many', () => {
  const health = new UpstreamHealth(clock());
  health.failed(a!);
  for (let i = 0; i < 1_000; i++) health.failed({ key: `10.1.${i >> 8}.${i & 255}` });
  expect(health.inOrder([a!, b!])).toEqual([a, b]);
});
