import { invalid } from '#lib/common';
import type { PortRequest, Protocol } from '#lib/domain';
import { publishedAddress } from '../../networks/published-address.js';

/** HostConfig.PortBindings: `80/tcp` → where it is published. */
export type PortBindings = Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>;

/** @param exposed ports such as `80/tcp` that are published too, each on a free port, where no binding names them */
export function portRequestsOf(bindings: PortBindings, exposed: readonly string[]): PortRequest[] {
  const asked = Object.entries(bindings).flatMap(([key, places]) => {
    const { port, protocol } = parsePort(key);
    return (places?.length ? places : [{}]).map(({ HostIp = '', HostPort = '' }): PortRequest => ({
      hostIp: publishedAddress(HostIp),
      range: rangeOf(HostPort),
      containerPort: port,
      protocol,
    }));
  });
  const others = exposed
    .filter((key) => !(key in bindings))
    .flatMap(expandPorts)
    .map(({ port, protocol }): PortRequest => ({ hostIp: '', containerPort: port, protocol }));
  return [...asked, ...others];
}

/** `80/tcp`; without a protocol it is tcp. */
export function parsePort(key: string): { port: number; protocol: Protocol } {
  const [number = '', protocol = 'tcp'] = key.split('/');
  const port = Number(number);
  if (!/^\d+$/.test(number) || port < 1 || port > 65535) {
    throw invalid(`invalid port ${JSON.stringify(key)}: expected PORT/PROTOCOL with a port from 1 to 65535`);
  }
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
    throw invalid(`invalid port ${JSON.stringify(key)}: unknown protocol ${protocol}; expected tcp, udp or sctp`);
  }
  return { port, protocol };
}

/** `80/tcp`, or a range of ports such as `8000-8010/udp`. */
export function expandPorts(key: string): { port: number; protocol: Protocol }[] {
  const range = /^(\d+)-(\d+)(\/\w+)?$/.exec(key);
  if (!range) return [parsePort(key)];
  const [first, last] = rangeOf(`${range[1]}-${range[2]}`)!;
  return Array.from({ length: last - first + 1 }, (_, index) => parsePort(`${first + index}${range[3] ?? ''}`));
}

/** undefined: any free port */
function rangeOf(text: string): [number, number] | undefined {
  if (text === '' || text === '0') return undefined;
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  if (first === '' || range.some((port) => port < 1 || port > 65535) || range[1] < range[0]) {
    throw invalid(`invalid port specification: ${JSON.stringify(text)}: expected a port or a range within 1-65535`);
  }
  return range;
}
