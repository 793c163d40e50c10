import { expect, it } from 'vitest';
import { linkLocal } from './link-local.js';

it('knows the link-local address that the kernel derives from a MAC', () => {
  expect(linkLocal('02:11:22:33:33:12')).toBe('fe80::11:22ff:fe33:3312');
  expect(linkLocal('52:54:00:00:00:01')).toBe('fe80::5054:ff:fe00:1');
});
