import { describe, expect, it } from 'vitest';
import { selectServices } from './select.js';
import { load, refusal } from './testing/memory.js';

const project = async () => {
  const text =
    'services: {a: {image: x, depends_on: [c, b]}, b: {image: x, depends_on: [c]}, c: {image: x}, d: {image: x}}';
  return (await load(text)).project;
};

describe('selectServices', () => {
  it.each([
    [[], {}, ['c', 'b', 'a', 'd']],
    [['a'], {}, ['c', 'b', 'a']],
    [['d', 'b'], {}, ['c', 'b', 'd']],
    [['a', 'b'], { withDependencies: false }, ['b', 'a']],
  ])('%j %j', async (names, options, expected) => {
    expect(selectServices(await project(), names, options)).toEqual(expected);
  });

  it('orders a long chain', async () => {
    const services = Array.from(
      { length: 3000 },
      (_, n) => `  s${n}: {image: x${n < 2999 ? `, depends_on: [s${n + 1}]` : ''}}`,
    );
    const { project: chain } = await load(`services:\n${services.join('\n')}\n`);
    const order = selectServices(chain, ['s0']);
    expect(order).toHaveLength(3000);
    expect(order[0]).toBe('s2999');
  });

  it('names the closest service', async () => {
    const { project: named } = await load('services: {database: {image: x}}');
    expect(await refusal(() => selectServices(named, ['databse']))).toEqual([
      'no such service: databse; did you mean database?',
    ]);
  });
});
