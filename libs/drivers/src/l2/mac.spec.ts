import { describe, expect, it } from 'vitest';
import { neutralMac } from './mac.js';

/** RFC 1071 over whole packets, written down apart from the code under test. */
function checksum(bytes: readonly number[]): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += bytes[at]! * 256 + bytes[at + 1]!;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}
const bytesOf = (mac: string) => mac.split(':').map((byte) => parseInt(byte, 16));

describe('neutralMac', () => {
  it.each([
    ['02:11:22:33:44:55', '52:54:00:12:34:56'],
    ['02:ff:ff:ff:ff:ff', '00:00:00:00:00:01'],
    ['02:00:00:00:00:00', 'fe:ff:ff:ff:ff:ff'],
    ['02:1c:42:00:00:08', '02:1c:42:00:00:08'],
    ['02:ab:fd:54:00:00', '00:00:00:00:ff:ff'],
  ])('leaves the checksum of a packet alone: %s for %s', (seed, other) => {
    const mac = neutralMac(seed, other);
    const packet = (inside: string) => [0x87, 0, 0, 0, ...Array<number>(20).fill(0x5a), 1, 1, ...bytesOf(inside)];
    expect(checksum(packet(mac))).toBe(checksum(packet(other)));
  });

  it('keeps what tells endpoints apart, and is the same when it is taken again', () => {
    const mac = neutralMac('02:11:22:33:44:55', '52:54:00:12:34:56');
    expect(mac.slice(0, 11)).toBe('02:11:22:33');
    expect(neutralMac(mac, '52:54:00:12:34:56')).toBe(mac);
  });
});
