import { expect, it } from 'vitest';
import type { ObservedMount } from '#lib/domain';
import { withVolumesFrom } from './volumes-from.js';

const mount = (destination: string, change: Partial<ObservedMount> = {}): ObservedMount => ({
  type: 'bind',
  name: '',
  source: `/srv${destination}`,
  destination,
  driver: '',
  mode: '',
  readWrite: true,
  propagation: 'rprivate',
  ...change,
});

const MOUNTS: Record<string, ObservedMount[]> = {
  data: [mount('/data', { type: 'volume', name: 'v' }), mount('/both'), mount('/own')],
  more: [mount('/both', { source: '/later' }), mount('/node', { readWrite: false, propagation: 'rslave' })],
};

it('has the mounts of other containers, below its own and with the last one above', () => {
  const given = { Binds: ['/x:/own/'], Mounts: [{ Target: '/m' }], VolumesFrom: ['data:ro,z', 'gone', 'more'] };
  expect(withVolumesFrom(given, (name) => MOUNTS[name])).toEqual({
    Binds: ['/x:/own/'],
    VolumesFrom: ['gone'],
    Mounts: [
      { Target: '/m' },
      { Type: 'volume', Source: 'v', Target: '/data', ReadOnly: true },
      { Type: 'bind', Source: '/later', Target: '/both', ReadOnly: false },
      { Type: 'bind', Source: '/srv/node', Target: '/node', ReadOnly: true, BindOptions: { Propagation: 'rslave' } },
    ],
  });
});

it('is left as it is where nothing is asked for', () => {
  const given = { VolumesFrom: [] };
  expect(withVolumesFrom(given, () => undefined)).toBe(given);
});
