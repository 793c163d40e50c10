import ipaddr from 'ipaddr.js';
import { invalid } from '#lib/common';

export type Family = 4 | 6;

/** A prefix: its first address as a number, and how many bits are fixed. */
export interface Cidr {
  family: Family;
  base: bigint;
  prefix: number;
}

/** Neighbouring addresses, both ends included. */
export interface AddressRange {
  family: Family;
  first: bigint;
  last: bigint;
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

/** `a.b.c.d` or IPv6 text → number. Anything else is `invalid`; `what` says where it was found. */
export function parseAddress(text: string, what: string): { family: Family; value: bigint } {
  const v4 = ipaddr.IPv4.isValidFourPartDecimal(text);
  if (!v4 && !ipaddr.IPv6.isValid(text)) throw invalid(`${what}: ${text} is not an IP address`);
  const bytes = ipaddr.parse(text).toByteArray();
  return { family: v4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

export function formatAddress(family: Family, value: bigint): string {
  const length = bitsOf(family) / 8;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}

/** `address/prefix` without host bits; with them the error gives the prefix that was meant. */
export function parseCidr(text: string, what: string): Cidr {
  const [address = '', length = '', ...rest] = text.split('/');
  const { family, value } = parseAddress(address, what);
  const prefix = Number(length);
  if (length === '' || rest.length > 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > bitsOf(family)) {
    throw invalid(
      `${what}: ${text} is not a prefix; expected ${address}/LENGTH with LENGTH within 0-${bitsOf(family)}`,
    );
  }
  const base = value - (value % sizeOf({ family, prefix }));
  if (base !== value)
    throw invalid(`${what}: ${text} has host bits set: it should be ${formatCidr({ family, base, prefix })}`);
  return { family, base, prefix };
}

export function formatCidr({ family, base, prefix }: Cidr): string {
  return `${formatAddress(family, base)}/${prefix}`;
}

/** number of addresses */
export function sizeOf({ family, prefix }: Pick<Cidr, 'family' | 'prefix'>): bigint {
  return 1n << BigInt(bitsOf(family) - prefix);
}

export function lastOf(cidr: Cidr): bigint {
  return cidr.base + sizeOf(cidr) - 1n;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.base <= inner.base && lastOf(inner) <= lastOf(outer);
}

export function holds(cidr: Cidr, family: Family, value: bigint): boolean {
  return cidr.family === family && cidr.base <= value && value <= lastOf(cidr);
}

/** First and last address that an interface may have: without network and broadcast address, where there are such. */
export function usable(cidr: Cidr): { first: bigint; last: bigint } {
  const reserved = cidr.family === 4 ? cidr.prefix < 31 : cidr.prefix < 127;
  return {
    first: cidr.base + (reserved ? 1n : 0n),
    last: lastOf(cidr) - (reserved && cidr.family === 4 ? 1n : 0n),
  };
}
