import { expect, it } from 'vitest';
import { run } from '../program.js';
import { testSystem } from '../testing/test-system.js';

/** An empty file: this machine's own is not read. */
const CONFIG = '/dev/null';

const daemon = async (line: string) => {
  const { system, written } = testSystem({ env: {} });
  return { code: await run(line.split(' '), system), ...written };
};

it.each([
  ['-H unix:///tmp/other.sock daemon --validate', '--host before "daemon" names a daemon to talk to'],
  ['--tlsverify daemon --validate', '--tlsverify before "daemon" names a daemon to talk to'],
])('refuses what belongs behind the command: %s', async (line, words) => {
  const { code, stdout, stderr } = await daemon(line);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(words);
});

it.each([
  ['--encrypted-overlay-port=', '--encrypted-overlay-port: must be a number, found ""'],
  ['--encrypted-overlay-port abc', '--encrypted-overlay-port: must be a number, found "abc"'],
  [
    '--default-address-pool base=10.0.0.0/8,size=abc',
    '--default-address-pool[0]["size"]: must be a number, found "abc"',
  ],
])('shows what was found in %s', async (flags, words) => {
  const { code, stderr } = await daemon(`daemon --config ${CONFIG} --validate ${flags}`);
  expect(code).toBe(1);
  expect(stderr).toContain(words);
});
