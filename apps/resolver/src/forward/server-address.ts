import { isIP, isIPv6 } from 'node:net';

/** An upstream server. */
export interface ServerAddress {
  address: string;
  port: number;
  family: 4 | 6;
  /** `address:port` or `[v6]:port`, the same for every way of writing it */
  text: string;
}

/** Reads `address`, `address:port`, `v6` or `[v6]:port`; undefined for anything else. */
export function serverAddress(text: string): ServerAddress | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/u.exec(text);
  const plain = isIP(text) > 0 ? [text, text] : /^([\d.]+):(\d{1,5})$/u.exec(text);
  const [, address, digits = '53'] = bracketed ?? plain ?? [];
  const port = Number(digits);
  if (address === undefined || isIP(address) === 0 || port < 1 || port > 0xffff) return undefined;
  if (bracketed && !isIPv6(address)) return undefined;
  const family = isIPv6(address) ? 6 : 4;
  return { address, port, family, text: family === 6 ? `[${address}]:${port}` : `${address}:${port}` };
}
