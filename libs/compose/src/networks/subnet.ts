import ipaddr from 'ipaddr.js';

export type Family = 'IPv4' | 'IPv6';

/** An IP address as a number, so that addresses compare and contain. */
export interface Address {
  family: Family;
  value: bigint;
  /** the canonical spelling */
  text: string;
}

export function parseAddress(text: string): Address | undefined {
  // ipaddr.js reads 10.1 and 0x0a000001 as well; Compose files mean four decimal numbers.
  const strict = text.includes(':')
    ? ipaddr.IPv6.isValid(text) && !text.includes('%')
    : ipaddr.IPv4.isValidFourPartDecimal(text);
  if (!strict) return undefined;
  const parsed = ipaddr.parse(text);
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: parsed.kind() === 'ipv4' ? 'IPv4' : 'IPv6', value, text: parsed.toString() };
}

/** A range of addresses with a prefix: a subnet, or the part of it that addresses are handed out from. */
export class Subnet {
  private constructor(
    readonly family: Family,
    readonly first: bigint,
    readonly last: bigint,
    readonly prefix: number,
    /** false when bits beyond the prefix were given, as in 10.0.0.1/24 */
    readonly exact: boolean,
  ) {}

  static parse(text: string): Subnet | undefined {
    const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
    const address = match ? parseAddress(match[1]!) : undefined;
    const prefix = Number(match?.[2]);
    if (!address) return undefined;
    const bits = address.family === 'IPv4' ? 32 : 128;
    if (prefix > bits) return undefined;
    const size = 1n << BigInt(bits - prefix);
    const first = address.value - (address.value % size);
    return new Subnet(address.family, first, first + size - 1n, prefix, first === address.value);
  }

  has(address: Address): boolean {
    return address.family === this.family && address.value >= this.first && address.value <= this.last;
  }

  contains(other: Subnet): boolean {
    return other.family === this.family && other.first >= this.first && other.last <= this.last;
  }

  overlaps(other: Subnet): boolean {
    return other.family === this.family && other.first <= this.last && this.first <= other.last;
  }

  /** What an address is in this subnet beside a host's own; point-to-point subnets (/31, /32, /127, /128) have no such. */
  roleOf(address: Address): 'network address' | 'broadcast address' | undefined {
    if (this.last - this.first < 2n) return undefined;
    if (address.value === this.first) return 'network address';
    return address.value === this.last && this.family === 'IPv4' ? 'broadcast address' : undefined;
  }

  /** The gateway when none is given: the first host address. */
  get firstHost(): string {
    return addressText(this.family, this.last - this.first < 2n ? this.first : this.first + 1n);
  }

  get lastHost(): string {
    const broadcast = this.family === 'IPv4' && this.last - this.first >= 2n;
    return addressText(this.family, broadcast ? this.last - 1n : this.last);
  }

  toString(): string {
    return `${addressText(this.family, this.first)}/${this.prefix}`;
  }
}

function addressText(family: Family, value: bigint): string {
  const length = family === 'IPv4' ? 4 : 16;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}
