import { describe, expect, it } from 'vitest';
import { serverAddress } from './server-address.js';

describe('serverAddress', () => {
  it.each([
    ['10.0.0.53', '10.0.0.53:53', 4],
    ['10.0.0.53:5300', '10.0.0.53:5300', 4],
    ['2001:db8::53', '[2001:db8::53]:53', 6],
    ['[2001:db8::53]', '[2001:db8::53]:53', 6],
    ['[2001:db8::53]:5300', '[2001:db8::53]:5300', 6],
  ])('%s', (text, whole, family) => {
    expect(serverAddress(text)).toMatchObject({ text: whole, family });
  });

  it.each(['', 'dns.example', '10.0.0', '10.0.0.53:0', '10.0.0.53:70000', '[10.0.0.53]:53', '[::1', '10.0.0.53:'])(
    'is none: "%s"',
    (text) => {
      expect(serverAddress(text)).toBeUndefined();
    },
  );
});
