import type { Service } from '#lib/compose';
import { invalid } from '#lib/common';
import type { PortRequest } from '#lib/domain';
import { publishedAddress } from '../../networks/published-address.js';

export function portRequestsOf(service: Service): PortRequest[] {
  return (service.ports ?? []).map((port) => ({
    hostIp: port.host_ip === '0.0.0.0' || port.host_ip === undefined ? '' : publishedAddress(port.host_ip),
    range: rangeOf(port.published),
    containerPort: port.target,
    protocol: port.protocol,
  }));
}

function rangeOf(published: string | undefined): [number, number] | undefined {
  if (published === undefined || published === '' || published === '0') return undefined;
  const [first = Number.NaN, last = first] = published.split('-').map(Number);
  if (![first, last].every((port) => Number.isInteger(port) && port > 0 && port < 65536) || last < first) {
    throw invalid(`published port ${published}: expected a port or a range within 1-65535`);
  }
  return [first, last];
}
