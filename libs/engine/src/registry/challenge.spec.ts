import { describe, expect, it } from 'vitest';
import { challengeOf } from './challenge.js';

describe('what a registry asks for', () => {
  it.each([
    ['Basic realm="x"', { scheme: 'basic' }],
    ['basic', { scheme: 'basic' }],
    [
      'Bearer realm="https://a/token",service="r",scope="repository:x:pull"',
      { scheme: 'bearer', realm: 'https://a/token', service: 'r', scope: 'repository:x:pull' },
    ],
    ['bearer scope="a,b", realm="http://a/"', { scheme: 'bearer', realm: 'http://a/', scope: 'a,b' }],
    [['Negotiate', 'Basic realm="x"'], { scheme: 'basic' }],
  ])('%j', (header, challenge) => {
    expect(challengeOf(header)).toEqual(challenge);
  });

  it.each([undefined, '', 'Negotiate', 'Bearer', 'Bearer realm="file:///etc/passwd"'])('is nothing in %j', (header) => {
    expect(challengeOf(header)).toBeUndefined();
  });
});
