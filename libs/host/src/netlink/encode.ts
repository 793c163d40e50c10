import ipaddr from 'ipaddr.js';
import { FLAGS } from './codec.js';

const HEADER = 16;

/** A message for the kernel: the header, then `payload`. The kernel answers every one (FLAGS.ACK). */
export function request(type: number, flags: number, payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt32LE(HEADER + payload.reduce((sum, part) => sum + part.length, 0), 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags | FLAGS.REQUEST | FLAGS.ACK, 6);
  return Buffer.concat([head, ...payload]);
}

/** An attribute, padded to 4 bytes; several values make a nested one. */
export function attribute(type: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** Ends with a zero byte, as the kernel's strings do. */
export const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

/** undefined: it is not written as a MAC address */
export function mac(value: string): Buffer | undefined {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value) ? Buffer.from(value.replaceAll(':', ''), 'hex') : undefined;
}

/** undefined: it is not written as an IP address */
export function ip(value: string): Buffer | undefined {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(value) || ipaddr.IPv6.isValid(value);
  return isAddress ? Buffer.from(ipaddr.parse(value).toByteArray()) : undefined;
}
