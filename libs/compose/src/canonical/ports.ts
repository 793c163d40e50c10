import { invalid } from '#lib/common';
import type { Dict, Value } from '../values.js';
import { fields } from './mappings.js';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];

interface Range {
  first: number;
  last: number;
}

/** `[HOST:]CONTAINER[/PROTOCOL]` to one entry for each container port. Throws `invalid` as Docker words it. */
export function parsePort(text: string): Dict[] {
  const [address, protocol = 'tcp', ...more] = text.split('/');
  if (!PROTOCOLS.includes(protocol.toLowerCase()) || more.length > 0) {
    throw invalid(
      `Invalid proto: ${[protocol, ...more].join('/')}; in port "${text}", known are ${PROTOCOLS.join(', ')}`,
    );
  }
  const { hostIp, published, target } = splitAddress(address ?? '');
  if (target === '') throw invalid(`No port specified: ${text || '<empty>'}`);
  const containers = range(target, 'containerPort', text);
  const hosts = published === '' ? undefined : range(published, 'hostPort', text);
  const count = containers.last - containers.first + 1;
  const hostCount = hosts ? hosts.last - hosts.first + 1 : count;
  // Several node ports for one container port: one of them is chosen when the container starts.
  if (hostCount !== count && count !== 1) {
    throw invalid(
      `Invalid ranges specified for container and host Ports: ${target} and ${published}, in port "${text}"`,
    );
  }
  return Array.from({ length: count }, (_, index) =>
    fields({
      mode: 'ingress',
      host_ip: hostIp || undefined,
      target: containers.first + index,
      published: hosts && (hostCount === count ? String(hosts.first + index) : published),
      protocol: protocol.toLowerCase(),
    }),
  );
}

/** IPv6 addresses stand in brackets. */
function splitAddress(address: string): { hostIp: string; published: string; target: string } {
  const bracketed = /^\[([^\]]+)\]:(.*)$/.exec(address);
  const parts = (bracketed ? bracketed[2]! : address).split(':');
  const target = parts.pop()!;
  const published = parts.pop() ?? '';
  return { hostIp: bracketed ? bracketed[1]! : parts.join(':'), published, target };
}

function range(text: string, what: string, whole: string): Range {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first > 65_535 || last > 65_535 || last < first) {
    throw invalid(
      `Invalid ${what}: ${text}; in port "${whole}", a port is a number from 1 to 65535 or a range of them`,
    );
  }
  return { first, last };
}

/** An item of `ports`. */
export function portEntries(item: Value): Value | Value[] {
  if (typeof item === 'string' || typeof item === 'number') return parsePort(String(item));
  return item;
}
