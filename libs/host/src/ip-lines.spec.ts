import { describe, expect, it } from 'vitest';
import { batchError, renderBatch } from './ip-lines.js';

describe('renderBatch', () => {
  it('gives a line for each command', () => {
    expect(
      renderBatch([
        ['link', 'del', 'dev', 'a'],
        ['addr', 'add', 'fd00::1/64', 'dev', 'b'],
      ]),
    ).toBe('link del dev a\naddr add fd00::1/64 dev b\n');
  });

  it('refuses what would end or split a line, and quotes it', () => {
    expect(() => renderBatch([['link', 'del', 'a\nlink del b']])).toThrow(/the argument "a\\nlink del b" is refused/);
    expect(() => renderBatch([['link', 'del', '\u0000']])).toThrow(/refused/);
  });
});

describe('batchError', () => {
  const lines = [
    ['link', 'add', 'a'],
    ['link', 'set', 'b', 'up'],
  ];

  it.each([
    [
      'RTNETLINK answers: File exists\nCommand failed -:1\n',
      'conflict',
      'ip link add a: RTNETLINK answers: File exists',
    ],
    ['Cannot find device "b"\nCommand failed -:2\n', 'not_found', 'ip link set b up: Cannot find device "b"'],
    ['RTNETLINK answers: Operation not permitted\nCommand failed -:1\n', 'forbidden', /Operation not permitted$/],
    ['Error: Unknown device type.\nCommand failed -:1\n', 'unsupported', /Unknown device type/],
    ['', 'internal', 'ip -batch (2 lines): failed without a message'],
  ])('%j is %s', (stderr, code, message) => {
    const error = batchError(lines, stderr);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('says in which namespace', () => {
    expect(batchError(lines, 'Broken\nCommand failed -:1', 'skep-x').message).toBe('ip link add a in skep-x: Broken');
  });
});
