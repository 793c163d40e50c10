import { describe, expect, it } from 'vitest';
import { positionOf, SourceText } from '../origins.js';
import { refusal } from '../testing/memory.js';
import { Tagged } from '../values.js';
import { parseYaml } from './parse.js';
import { resolvePlain } from './scalars.js';

const parse = (text: string) => parseYaml(new SourceText('f.yaml', text));

describe('plain scalars', () => {
  it.each([
    ['0440', 288],
    ['0o440', 288],
    ['0x1F', 31],
    ['1_000', 1000],
    ['-1', -1],
    ['1.5', 1.5],
    ['true', true],
    ['~', null],
    ['', null],
    ['yes', 'yes'],
    ['off', 'off'],
    ['22:22', '22:22'],
    ['0999', 999],
    ['1.2.3', '1.2.3'],
    ['12345678901234567890', '12345678901234567890'],
    ['2001-01-01', '2001-01-01'],
  ])('%s', (text, value) => expect(resolvePlain(text)).toBe(value));
});

describe('parseYaml', () => {
  it('reads several documents and skips empty ones', () => {
    expect(parse('a: 1\n---\n# nothing\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(parse('\uFEFFa: 1\nb: 2\n')).toEqual([{ a: 1, b: 2 }]);
  });

  it('keeps quoted text and respects !!str', () => {
    expect(parse('a: "1"\nb: !!str 2\nc: 3\n')).toEqual([{ a: '1', b: '2', c: 3 }]);
  });

  it('merges <<: own keys first, then the mappings in order', () => {
    const [model] = parse('a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 0\n');
    expect(model!.c).toEqual({ x: 0, y: 1, z: 2 });
  });

  it('keeps the tags that act on merges', () => {
    const [model] = parse('a: !reset null\nb: !override [1]\n');
    expect(model).toEqual({ a: new Tagged('reset', null), b: new Tagged('override', [1]) });
  });

  it('takes __proto__ as a key like any other', () => {
    const [model] = parse('__proto__: {polluted: 1}\n');
    expect(Object.keys(model!)).toEqual(['__proto__']);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', 'f.yaml:3:1: mapping key "a" is already defined at line 1'],
    ['b: &b {}\na:\n  <<: *b\n  <<: *b\n', 'f.yaml:4:3: mapping key "<<" is already defined at line 3'],
    ['a:\n  1: x\n', 'f.yaml:2:3: non-string key in a: 1'],
    ['a: &a\n  b: *a\n', 'f.yaml:2:6: alias *a stands inside its own anchor or before it'],
    ['- a\n', 'f.yaml:1:1: top-level object must be a mapping'],
    ['a: 5\n<<: 5\n', 'f.yaml:2:1: map merge requires map or sequence of maps as the value of <<'],
  ])('refuses %j', async (text, message) => expect(await refusal(() => parse(text))).toEqual([message]));

  it('says where the text is no YAML', async () => {
    const [message] = await refusal(() => parse('a: [1\nb: 2\n'));
    expect(message).toMatch(/^f\.yaml:2:1: not valid YAML: /);
  });

  it('refuses aliases that stand for far more than the text, whatever their depth', async () => {
    const lines = ['x0: &x0 {k: v}'];
    for (let n = 1; n < 40; n++)
      lines.push(
        `x${n}: &x${n} [${Array(9)
          .fill(`*x${n - 1}`)
          .join(', ')}]`,
      );
    const [message] = await refusal(() => parse(lines.join('\n')));
    expect(message).toContain('excessive aliasing');
  });

  it('lets many services share one anchor', () => {
    const services = Array.from({ length: 2000 }, (_, n) => `s${n}:\n  <<: *base\n`).join('');
    expect(parse(`x: &base {image: a, restart: always, command: [a, b, c]}\n${services}`)).toHaveLength(1);
  });

  it('knows where keys and items were written', () => {
    const [model] = parse('a:\n  b:\n    - x\n    - y\n');
    expect(positionOf(model, ['a', 'b', 1])).toEqual({ file: 'f.yaml', line: 4, column: 7 });
    expect(positionOf(model, ['a', 'b', 9])).toEqual({ file: 'f.yaml', line: 2, column: 3 });
    expect(positionOf(model, ['nowhere'])).toBeUndefined();
  });
});
