import { expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { parseDescription } from './description.js';

const said = new TestCluster().node('n').description!;

it('takes what a node says of itself, with what this version does not know', () => {
  const full = {
    ...said,
    encryption: { refused: 'no kernel' },
    prefixes: [{ cidr: '10.0.0.0/8', by: 'eth0' }],
    new: 1,
  };
  expect(parseDescription(JSON.stringify(full))).toEqual(full);
});

it.each([
  ['drivers', { ...said, drivers: undefined }],
  ['dataAddress', { ...said, dataAddress: 'nowhere' }],
  ['prefixes.0.cidr', { ...said, prefixes: [{ by: 'eth0' }] }],
])('refuses one that is wrong in %s', (field, description) => {
  expect(() => parseDescription(JSON.stringify(description))).toThrow(`description: ${field}: `);
});
