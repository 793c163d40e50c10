import { expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { parseDescription } from './description.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
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

it('passes over prefixes that are none, and what is everything', () => {
  const cidrs = ['x', '10.0.0.1/8', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.0/8', 'fd00::/64'];
  const prefixes = cidrs.map((cidr) => ({ cidr, by: 'eth0' }));
  const told = parseDescription(JSON.stringify({ ...said, prefixes, encryption: { publicKey: KEY, port: 51820 } }));
  expect(told.prefixes?.map(({ cidr }) => cidr)).toEqual(['10.0.0.0/8', 'fd00::/64']);
});

it.each([
  ['drivers', { ...said, drivers: undefined }],
  ['dataAddress', { ...said, dataAddress: 'nowhere' }],
  ['encryption.publicKey', { ...said, encryption: { publicKey: 'mine', port: 51820 } }],
  ['encryption.publicKey', { ...said, encryption: { publicKey: `${KEY} x`, port: 51820 } }],
  ['prefixes.0.cidr', { ...said, prefixes: [{ by: 'eth0' }] }],
])('refuses one that is wrong in %s', (field, description) => {
  expect(() => parseDescription(JSON.stringify(description))).toThrow(`description: ${field}: `);
});
