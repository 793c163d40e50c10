import ipaddr from 'ipaddr.js';
import type { DhcpLease } from '#lib/domain';

/** An address with what the server said beside it. */
export interface Leased {
  ipv4: string;
  lease: DhcpLease;
}

const DOMAIN = /^[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;

/**
 * What `report-lease.sh` wrote. Undefined: there is no lease (any more). It comes from the network: what is not what it
 * should be is left out, and without an address and a mask there is no lease.
 */
export function readReport(text: string): Leased | undefined {
  const facts = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && !facts.has(line.slice(0, at))) facts.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const addresses = (name: string) => (facts.get(name) ?? '').split(/\s+/).filter(isV4);
  const [ipv4] = addresses('ip');
  const prefix = Number(facts.get('mask'));
  if (facts.get('event') === 'deconfig' || !ipv4 || !Number.isInteger(prefix) || prefix < 1 || prefix > 32) {
    return undefined;
  }
  const [gateway] = addresses('router');
  const domain = facts.get('domain') ?? '';
  return {
    ipv4,
    lease: {
      prefix,
      server: addresses('serverid')[0] ?? '',
      dns: addresses('dns'),
      ...(gateway !== undefined && { gateway }),
      ...(DOMAIN.test(domain) && domain.length <= 253 && { domain }),
    },
  };
}

const isV4 = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text);
