import { describe, expect, it } from 'vitest';
import { taskTraffic } from './task-traffic.js';

describe('how tasks come into use and out of it', () => {
  it.each([
    [{}, {}, { drainMs: 2_000, early: false }],
    [{}, { Mode: 'dnsrr' as const }, { drainMs: 5_000, early: false }],
    [{ 'x-skep.drain': '0' }, {}, { drainMs: 0, early: false }],
    [{ 'x-skep.drain': '1m30s' }, { Mode: 'dnsrr' as const }, { drainMs: 90_000, early: false }],
    [{ 'x-skep.publish-before-healthy': 'true' }, {}, { drainMs: 2_000, early: true }],
  ])('%j %j', (Labels, EndpointSpec, expected) => {
    expect(taskTraffic({ Labels, EndpointSpec })).toEqual(expected);
  });

  it.each([
    [{ 'x-skep.drain': 'soon' }, 'label x-skep.drain: '],
    [{ 'x-skep.drain': '2h' }, 'longer than an hour'],
    [{ 'x-skep.publish-before-healthy': 'yes' }, '"yes" is neither true nor false'],
  ])('refuses %j', (Labels, said) => {
    expect(() => taskTraffic({ Labels })).toThrow(said);
  });
});
