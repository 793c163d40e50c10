import { describe, expect, it } from 'vitest';
import { inPlace } from './in-place.js';

const text = [
  'add table inet t',
  'delete table inet t',
  'table inet t {',
  '  map ports {',
  '    type inet_service : verdict',
  '  }',
  '  chain publish {',
  '    accept',
  '  }',
  '}',
  '',
].join('\n');

describe('inPlace', () => {
  it('empties what stays, takes away what is not wanted, and never the table', () => {
    const present = [
      { table: { name: 't' } },
      { set: { name: 'old' } },
      { map: { name: 'ports' } },
      { chain: { name: 'publish' } },
      { chain: { name: 'tcp_80' } },
      { rule: { chain: 'publish' } },
    ];
    expect(inPlace(text, present).split('\n')).toEqual([
      'add table inet t',
      'flush table inet t',
      'flush set inet t old',
      'flush map inet t ports',
      'delete chain inet t tcp_80',
      'delete set inet t old',
      ...text.split('\n').slice(2),
    ]);
  });
});
