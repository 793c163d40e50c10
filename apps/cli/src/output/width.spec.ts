import { expect, it } from 'vitest';
import { table } from './table.js';
import { fit, oneLine, pad, widthOf } from './width.js';

it.each([
  ['abc', 3],
  ['größe', 5],
  ['日本', 4],
  ['🐝', 2],
  ['e\u0301', 1],
])('%s takes %i cells', (text, cells) => expect(widthOf(text)).toBe(cells));

it('cuts between characters, within the width', () => {
  expect(fit('abcdef', 6)).toBe('abcdef');
  expect(fit('abcdef', 4)).toBe('abc…');
  expect(fit('日本語', 4)).toBe('日…');
  expect(fit('abc', 0)).toBe('');
  expect(pad('日', 4)).toBe('日  ');
});

it('takes control characters out', () => {
  expect(oneLine('a\r\nb\x1b[2Jc\u2028d')).toBe('a b [2Jc d');
});

it('aligns columns', () => {
  const rows = [
    ['web', '1'],
    ['longer', ''],
  ];
  expect(table(['NAME', 'N'], rows)).toBe('NAME     N\nweb      1\nlonger\n');
});
