import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/memory.js';
import { substitute } from './template.js';

const env: Record<string, string> = { SET: 'set', EMPTY: '' };
const lookup = (name: string) => env[name];

describe('substitute', () => {
  it.each([
    ['$SET-$EMPTY-$NONE.', 'set--.'],
    ['${SET}x', 'setx'],
    ['${EMPTY:-d} ${EMPTY-d} ${NONE-d}', 'd  d'],
    ['${SET:+a} ${EMPTY:+a} ${EMPTY+a} ${NONE+a}', 'a  a '],
    ['${NONE:-${EMPTY:-${SET}}}', 'set'],
    ['${NONE:-{"a":{"b":1}}}', '{"a":{"b":1}}'],
    ['$$SET $${SET} $', '$SET ${SET} $'],
    ['$2a$10$abc', '$2a$10'],
    ['100$ and $5', '100$ and $5'],
    ['${SET?never read}', 'set'],
  ])('%s', (template, expected) => expect(substitute(template, lookup)).toBe(expected));

  it.each(['${', '${}', '${ SET}', '${SET', '${SET!x}', '${NONE:-${}'])('refuses %s', async (template) => {
    expect((await refusal(() => substitute(template, lookup)))[0]).toContain('Invalid template');
  });

  it('evaluates the word of ? only when the value is missing', async () => {
    expect(substitute('${SET:?${NONE:?inner}}', lookup)).toBe('set');
    expect(await refusal(() => substitute('${EMPTY:?because $SET}', lookup))).toEqual([
      'required variable EMPTY is missing a value: because set',
    ]);
  });

  it('reports variables that are not set, and only where nothing stands in for them', () => {
    const unset: string[] = [];
    substitute('$A ${B} ${C:-x} ${D+x} $SET', lookup, (name) => unset.push(name));
    expect(unset).toEqual(['A', 'B']);
  });
});
