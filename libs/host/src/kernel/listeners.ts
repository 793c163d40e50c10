import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import type { Protocol } from '#lib/domain';
import type { Listener } from '../host.js';

const LISTEN = '0A';
const ANY = /^0+$/;

/** A socket with its address in the kernel's hex notation: words of 32 bits in host byte order. */
interface RawListener {
  port: number;
  address: string;
}

/** Lines of /proc/net/{tcp,udp}{,6}: `sl local_address rem_address st …`, addresses as HEX:PORT. */
export function parseListeners(text: string, protocol: Protocol): RawListener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      const takes = protocol === 'tcp' ? state === LISTEN : port !== '0000';
      return port !== '' && takes ? [{ address, port: Number.parseInt(port, 16) }] : [];
    });
}

/** Would binding `port` at `hostIp` (empty: everywhere) meet a socket that is there? IPv4 addresses are compared exactly. */
export function isListening(protocol: Protocol, port: number, hostIp: string): boolean {
  const wanted = hostIp.includes('.') ? hexOf(hostIp) : undefined;
  return [`/proc/self/net/${protocol}`, `/proc/self/net/${protocol}6`].some((path) =>
    parseListeners(read(path), protocol).some(
      (each) =>
        each.port === port &&
        (wanted === undefined || ANY.test(each.address) || each.address === wanted || each.address.endsWith(wanted)),
    ),
  );
}

/** Of the network namespace that the process is in. */
export function listenersOf(protocol: Protocol, pid: number): Listener[] {
  return [`/proc/${pid}/net/${protocol}`, `/proc/${pid}/net/${protocol}6`].flatMap((path) =>
    parseListeners(read(path), protocol).map(({ address, port }) => ({ address: textOf(address), port })),
  );
}

function textOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  return ipaddr.fromByteArray(bytes).toString();
}

function hexOf(address: string): string {
  return address
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** A kernel without IPv6 or SCTP has no such file, and so no such listener. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
