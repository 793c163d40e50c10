import { expect, it } from 'vitest';
import { namedBy } from './other-containers.js';

const of = (id: string, name: string, target: 'running' | 'removed' = 'running') => ({ id, name, target }) as const;

it.each([
  ['an id, also where it is another one’s name', 'abc1', 'abc1'],
  ['a name, also where another one’s id begins so', 'db', 'ff00'],
  ['how an id begins', 'abc', 'abc1'],
  ['rather one that stays', 'web', 'bbbb'],
  ['one that goes, where there is no other', 'gone', 'cccc'],
  ['nobody, not itself either', 'self', undefined],
  ['nobody', '', undefined],
])('a container names %s', (_what, idOrName, found) => {
  const all = [
    of('dbdb', 'abc1'),
    of('abc1', 'one'),
    of('ff00', 'db'),
    of('aaaa', 'web', 'removed'),
    of('bbbb', 'web'),
    of('cccc', 'gone', 'removed'),
    of('1234', 'self'),
  ];
  expect(namedBy('1234', idOrName, all)?.id).toBe(found);
});
