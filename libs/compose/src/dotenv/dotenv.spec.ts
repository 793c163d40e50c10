import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/memory.js';
import { parseDotenv, parseRawEnv } from './dotenv.js';

describe('parseDotenv', () => {
  it('reads quotes, escapes, comments and exports', () => {
    const text = [
      '# comment',
      'A=plain # comment',
      'B=no#comment',
      "C='literal $A \\n' # comment",
      'D="a\\nb \\"q\\" \\$A"',
      'export E = spaced ',
      'F: yaml-like',
      'G=',
      'H="two',
      'lines"',
      'A=again',
    ].join('\r\n');
    expect(parseDotenv(text, '.env')).toEqual({
      A: 'again',
      B: 'no#comment',
      C: 'literal $A \\n',
      D: 'a\nb "q" $A',
      E: 'spaced',
      F: 'yaml-like',
      G: '',
      H: 'two\nlines',
    });
  });

  it('takes for a comment what has a blank before it', () => {
    const text = 'P=#s3cret\nC=#ff0000 # red\nN= # nothing\nT=a\t# b\n';
    expect(parseDotenv(text, '.env')).toEqual({ P: '#s3cret', C: '#ff0000', N: '', T: 'a' });
  });

  it('replaces variables from outside first, then from earlier lines', () => {
    const outside: Record<string, string> = { OS: 'os', A: 'outer' };
    const values = parseDotenv('A=1\nX=2\nB=${A}-$X-$OS-${NONE:-d}\n', '.env', (name) => outside[name]);
    expect(values).toEqual({ A: '1', X: '2', B: 'outer-2-os-d' });
  });

  it('takes a key alone from outside, or leaves it out', () => {
    expect(parseDotenv('IN\nOUT\n', '.env', (name) => (name === 'IN' ? 'x' : undefined))).toEqual({ IN: 'x' });
  });

  it.each([
    ['A=1\nINVALID LINE\n', '.env:2: unexpected character "L" in "INVALID LINE"; expected KEY=value'],
    ['A="open\n', '.env:1: the value of A has no closing "'],
  ])('refuses %j', async (text, message) => {
    expect(await refusal(() => parseDotenv(text, '.env'))).toEqual([message]);
  });
});

describe('parseRawEnv', () => {
  it('takes values as they are', () => {
    expect(parseRawEnv('# c\nA="x" # $B\n\nB=\n', 'f')).toEqual({ A: '"x" # $B', B: '' });
  });

  it('takes the value of a key alone from outside, and leaves out what is not there', () => {
    const lookup = (key: string) => ({ A: 'outer' })[key];
    expect(parseRawEnv('A\n  B\nC=\n', 'f', lookup)).toEqual({ A: 'outer', C: '' });
  });

  it.each(['=B', 'some words'])('refuses a line without a key: %s', async (line) => {
    const [message] = await refusal(() => parseRawEnv(`A=1\n${line}\n`, 'f'));
    expect(message).toBe(`f:2: expected KEY=value, found "${line}"`);
  });
});
