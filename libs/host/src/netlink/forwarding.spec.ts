import { describe, expect, it } from 'vitest';
import { RTM } from './codec.js';
import { attribute, ip, mac } from './encode.js';
import { decodeUnanswered } from './forwarding.js';

// include/uapi/linux/neighbour.h
const [DST, LLADDR] = [1, 2];
const [AF_INET, AF_BRIDGE, AF_INET6] = [2, 7, 10];
const [INCOMPLETE, REACHABLE, FAILED] = [0x01, 0x02, 0x20];

/** What the kernel lists of a neighbour on the link with index 5. */
const neighbour = (family: number, state: number, address: string) => {
  const head = Buffer.alloc(12);
  head[0] = family;
  head.writeInt32LE(5, 4);
  head.writeUInt16LE(state, 8);
  const known = state === REACHABLE ? [attribute(LLADDR, mac('02:00:00:00:00:01')!)] : [];
  return { type: RTM.NEWNEIGH, flags: 0, payload: Buffer.concat([head, attribute(DST, ip(address)!), ...known]) };
};

describe('neighbours that do not answer', () => {
  it.each([
    ['that were asked in vain', AF_INET, FAILED, '192.0.2.1'],
    ['by IPv6', AF_INET6, FAILED, '2001:db8::1'],
  ])('%s are told', (_what, family, state, address) => {
    expect(decodeUnanswered(neighbour(family, state, address))).toEqual({ index: 5, address });
  });

  it('are not those that answered, or still may, nor what a bridge knows', () => {
    expect(decodeUnanswered(neighbour(AF_INET, INCOMPLETE, '192.0.2.1'))).toBeUndefined();
    expect(decodeUnanswered(neighbour(AF_INET, REACHABLE, '192.0.2.1'))).toBeUndefined();
    expect(decodeUnanswered(neighbour(AF_BRIDGE, FAILED, '192.0.2.1'))).toBeUndefined();
  });
});
