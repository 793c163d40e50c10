import { expect, it } from 'vitest';
import { podmanVolumeOptions } from './podman-volumes.js';

it.each([
  [{}, {}],
  [
    { type: 'none', device: '/a', o: 'bind' },
    { type: 'none', device: '/a', o: 'bind' },
  ],
  [{ o: 'size=1m' }, { o: 'size=1m' }],
  [
    { type: 'tmpfs', device: 'tmpfs' },
    { type: 'tmpfs', device: 'tmpfs' },
  ],
  [
    { type: 'tmpfs', o: 'size=1m,mode=700' },
    { type: 'tmpfs', o: 'nr_blocks=256,mode=700' },
  ],
  [
    { type: 'tmpfs', o: 'uid=5,size=5000' },
    { type: 'tmpfs', o: 'uid=5,nr_blocks=2' },
  ],
])('%j is %j for Podman', (docker, podman) => {
  expect(podmanVolumeOptions(docker)).toEqual(podman);
});

it('refuses a size that is none', () => {
  expect(() => podmanVolumeOptions({ type: 'tmpfs', o: 'size=50%' })).toThrow('size=50%: a number of bytes');
});
