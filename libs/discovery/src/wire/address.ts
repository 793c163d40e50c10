import ipaddr from 'ipaddr.js';
import { nameKey, type NameKey } from './name.js';

/** 4 or 16 bytes; undefined for what is no address. An IPv4 address in IPv6's clothes (::ffff:…) is IPv4. */
export function addressBytes(text: string): Uint8Array | undefined {
  return ipaddr.isValid(text) ? Uint8Array.from(ipaddr.process(text).toByteArray()) : undefined;
}

export function addressText(bytes: Uint8Array): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

/** The name under which an address is looked up: in-addr.arpa (RFC 1035), ip6.arpa (RFC 3596). */
export function reverseName(address: Uint8Array): NameKey {
  const labels =
    address.length === 4 ? [...address].reverse().map(String) : [...Buffer.from(address).toString('hex')].reverse();
  return nameKey([...labels, address.length === 4 ? 'in-addr' : 'ip6', 'arpa'].join('.'))!;
}

/**
 * A number by which addresses of one family are put in an order that does not depend on who else is there; rotation
 * goes on by it when the set changes. IPv4: the address itself. IPv6: a digest of it.
 */
export function addressOrder(address: Uint8Array): number {
  if (address.length === 4) return Buffer.from(address).readUInt32BE(0);
  let hash = 0x811c9dc5;
  for (const byte of address) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
