import { expect, it } from 'vitest';
import { withNames, type MountBody } from './mounts.js';

it('names volumes that say more than that they are there', () => {
  const options = (more: object): MountBody => ({
    Type: 'volume',
    Source: '',
    Target: '/v',
    BindOptions: undefined,
    VolumeOptions: { NoCopy: false, Labels: {}, Subpath: '', DriverConfig: undefined, ...more },
  });
  const plain: MountBody = {
    Type: 'volume',
    Source: '',
    Target: '/p',
    BindOptions: undefined,
    VolumeOptions: undefined,
  };
  const labelled = options({ Labels: { a: 'b' } });
  const empty = options({ NoCopy: true });
  const named = { ...labelled, Source: 'data' };
  let count = 0;
  const { mounts, own } = withNames([plain, labelled, empty, named], () => `name-${++count}`);
  expect(own).toEqual(['name-1', 'name-2']);
  expect(mounts).toEqual([plain, { ...labelled, Source: 'name-1' }, { ...empty, Source: 'name-2' }, named]);
});
