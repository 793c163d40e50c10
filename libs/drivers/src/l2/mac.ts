/**
 * The MAC nearest to `seed` that leaves Internet checksums (RFC 1071) as they are when `other` is put in its place: the
 * last two bytes are chosen so that both have the same one's-complement sum. Neighbour discovery carries MACs under
 * ICMPv6's checksum, and nftables cannot mend that one when it writes there.
 */
export function neutralMac(seed: string, other: string): string {
  const [first = 0, second = 0] = wordsOf(seed);
  const rest = (sum(wordsOf(other)) - sum([first, second]) + 0xffff) % 0xffff;
  const hex = [first, second, rest].map((word) => word.toString(16).padStart(4, '0')).join('');
  return hex.match(/../g)!.join(':');
}

function wordsOf(mac: string): number[] {
  const digits = mac.replaceAll(':', '');
  return [0, 4, 8].map((at) => parseInt(digits.slice(at, at + 4), 16));
}

function sum(words: readonly number[]): number {
  const total = words.reduce((left, right) => left + right, 0);
  return (total & 0xffff) + (total >> 16);
}
