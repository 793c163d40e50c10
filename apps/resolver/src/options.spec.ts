import { expect, it } from 'vitest';
import { resolverOptions } from './options.js';

it('flags go before the environment, and that before what is usual', () => {
  const env = { SKEP_RESOLVER_SOCKET: '/e.sock', SKEP_RESOLVER_STATE: '/e.json' };
  expect(resolverOptions(['--socket', '/f.sock'], env)).toEqual({
    socket: '/f.sock',
    state: '/e.json',
    logLevel: 'info',
  });
});

it.each([
  [['--log-level', 'loud'], /"loud": one of debug, info, warn, error, fatal/u],
  [['--nonsense'], /nonsense/u],
])('refuses %j', (argv, message) => {
  expect(() => resolverOptions(argv, {})).toThrow(message);
});
