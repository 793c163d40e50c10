import { describe, expect, it } from 'vitest';
import { FOREIGN, spokenTo, translationRules, translationsIn } from './translations.js';

const T = 'inet skep_t';
const lines = (text: string) =>
  text.split('\n').filter((line) => !line.includes('choose') && !/ (map|set|table) /.test(line));

describe('rules of virtual addresses', () => {
  it('give each target its turn, whatever the protocol', () => {
    const text = translationRules(T, undefined, [{ address: '10.0.1.2', to: ['10.0.1.7', '10.0.1.8', '10.0.1.9'] }]);
    expect(lines(text).filter((line) => line.startsWith('add rule'))).toEqual([
      `add rule ${T} to_10.0.1.2 meta l4proto udp add @spoken4 { ip daddr }`,
      `add rule ${T} to_10.0.1.2 numgen inc mod 3 0 dnat ip to 10.0.1.7`,
      `add rule ${T} to_10.0.1.2 numgen inc mod 2 0 dnat ip to 10.0.1.8`,
      `add rule ${T} to_10.0.1.2 dnat ip to 10.0.1.9`,
    ]);
    expect(text).toContain(`add element ${T} virtual4 { 10.0.1.2 : goto to_10.0.1.2 }`);
  });

  it('change what has changed and nothing else, so that turns go on', () => {
    const kept = { address: '10.0.1.3', to: ['10.0.1.20'] };
    const have = [kept, { address: '10.0.1.2', to: ['10.0.1.7', '10.0.1.8'] }, { address: 'fd00::2', to: [] }];
    const text = translationRules(T, have, [kept, { address: '10.0.1.2', to: ['10.0.1.8'] }]);
    expect(lines(text)).toEqual([
      `delete element ${T} virtual6 { fd00::2 }`,
      `delete chain ${T} to_fd00__2`,
      `add chain ${T} to_10.0.1.2`,
      `flush chain ${T} to_10.0.1.2`,
      `add rule ${T} to_10.0.1.2 meta l4proto udp add @spoken4 { ip daddr }`,
      `add rule ${T} to_10.0.1.2 dnat ip to 10.0.1.8`,
      '',
    ]);
  });

  it('take the table away when there is no address, and do nothing where there is none', () => {
    expect(translationRules(T, [], [])).toBe(`delete table ${T}\n`);
    expect(translationRules(T, undefined, [])).toBe('');
  });

  it.each([
    [{ address: '10.0.1.2', to: ['fd00::7'] }, 'fd00::7'],
    [{ address: '10.0.1.2', to: ['10.0.1.7; flush ruleset'] }, 'flush ruleset'],
    [{ address: '10.0.1.2 }\nflush ruleset', to: [] }, 'flush ruleset'],
  ])('refuse what is no address: %j', (wrong, said) => {
    expect(() => translationRules(T, undefined, [wrong])).toThrow(said);
  });
});

describe('a table that somebody in the namespace has changed', () => {
  const map = (name: string, ...keys: unknown[]) => ({
    map: { name, elem: keys.map((key) => [key, { accept: null }]) },
  });

  it.each([
    ['a port', 80],
    ['a prefix', { prefix: { addr: '10.0.0.0', len: 24 } }],
    ['a range', { range: ['10.2.0.1', '10.2.0.9'] }],
    ['a comment', { elem: { val: '10.3.0.1', comment: 'x' } }],
    ['something else', 'x'],
  ])('is foreign where a map of ours has %s for an address', (_what, key) => {
    expect(translationsIn([map('virtual4', '10.0.0.2', key)])).toBe(FOREIGN);
  });

  it('is what it is whatever lies beside', () => {
    expect(translationsIn([map('x', 80), map('virtual6')])).toEqual([]);
  });

  it('is replaced as a whole, and nothing in it is named', () => {
    const anew = `add table ${T}\ndelete table ${T}\n`;
    const want = [{ address: '10.0.1.2', to: ['10.0.1.7'] }];
    expect(translationRules(T, FOREIGN, want)).toBe(anew + translationRules(T, undefined, want));
    expect(translationRules(T, FOREIGN, [])).toBe(anew);
  });

  it('was spoken to by addresses alone', () => {
    const elem = [
      '10.0.1.2',
      80,
      null,
      { prefix: {} },
      { elem: { val: '10.0.1.3', expires: 1 } },
      { elem: { val: 7 } },
    ];
    expect([...spokenTo([{ set: { name: 'spoken4', elem } }])]).toEqual(['10.0.1.2', '10.0.1.3']);
  });
});
