import { CLASS_IN, QUESTION_POINTER, TYPE } from './constants.js';
import { nameBytes, type NameKey } from './name.js';

/** A resource record on the wire. @param owner absent: the question's own name, as a pointer to it */
function record(type: number, ttl: number, data: Uint8Array, owner?: Uint8Array): Uint8Array {
  const name = owner ?? Uint8Array.of(QUESTION_POINTER >> 8, QUESTION_POINTER & 0xff);
  const bytes = Buffer.alloc(name.length + 10 + data.length);
  bytes.set(name);
  bytes.writeUInt16BE(type, name.length);
  bytes.writeUInt16BE(CLASS_IN, name.length + 2);
  bytes.writeUInt32BE(ttl, name.length + 4);
  bytes.writeUInt16BE(data.length, name.length + 8);
  bytes.set(data, name.length + 10);
  return bytes;
}

/** A or AAAA, by the length of the address: 4 or 16 bytes. */
export function addressRecord(address: Uint8Array, ttl: number, owner?: NameKey): Uint8Array {
  const type = address.length === 4 ? TYPE.A : TYPE.AAAA;
  return record(type, ttl, address, owner === undefined ? undefined : nameBytes(owner));
}

export function ptrRecord(target: NameKey, ttl: number): Uint8Array {
  return record(TYPE.PTR, ttl, nameBytes(target));
}

/** Priority and weight are 0: every target is as good as the others. The target is not compressed (RFC 2782). */
export function srvRecord(port: number, target: NameKey, ttl: number): Uint8Array {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(port, 4);
  return record(TYPE.SRV, ttl, Buffer.concat([head, nameBytes(target)]));
}

/**
 * The SOA that says how long a client may remember that there is nothing (RFC 2308). Its owner is the question's own
 * name, so one record fits every question; nobody is responsible for the zone (RFC 2606).
 */
export function soaRecord(ttl: number): Uint8Array {
  const names = Buffer.concat([Buffer.from([QUESTION_POINTER >> 8, QUESTION_POINTER & 0xff]), NOBODY]);
  const data = Buffer.alloc(names.length + 20);
  data.set(names);
  // serial, refresh, retry, expire, minimum
  [1, 3600, 600, 86_400, ttl].forEach((value, i) => data.writeUInt32BE(value, names.length + 4 * i));
  return record(TYPE.SOA, ttl, data);
}

const NOBODY = Buffer.from('\x06nobody\x07invalid\0', 'latin1');
