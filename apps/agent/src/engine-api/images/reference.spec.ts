import { describe, expect, it } from 'vitest';
import { noSuchImage, parseReference, toText } from './reference.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('names of images', () => {
  it.each([
    ['demo', '', 'demo:latest'],
    ['docker.io/library/demo:1', '', 'demo:1'],
    ['demo', '2', 'demo:2'],
    ['demo:1', '2', 'demo:2'],
    ['127.0.0.1:5000/a/demo', '', '127.0.0.1:5000/a/demo:latest'],
    ['[::1]:5000/demo', '1', '[::1]:5000/demo:1'],
    ['demo', DIGEST, `demo@${DIGEST}`],
    [`demo:1@${DIGEST}`, '', `demo@${DIGEST}`],
  ])('%s with %j beside it is %s', (name, beside, text) => {
    expect(toText(parseReference(name, beside))).toBe(text);
  });

  it.each(['Demo', 'a b', '../x', 'a//b', 'demo:', `demo:${'x'.repeat(129)}`, '-demo', 'demo\n', 'demo@sha256:1'])(
    'refuses %j',
    (name) => {
      expect(() => parseReference(name)).toThrow('invalid reference format');
    },
  );

  it('misses an image in words that tools match', () => {
    expect(noSuchImage('docker.io/library/demo')).toBe('No such image: demo:latest');
  });
});
