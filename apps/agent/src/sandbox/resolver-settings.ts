import type { Container, Network } from '#lib/domain';
import { dnsOf } from '#lib/drivers';
import type { ResolverDefaults } from '../node/resolver-defaults.js';

type Asked = Pick<Container, 'dns' | 'endpoints'>;

/**
 * A container's search domains: its own or the daemon's, then its networks' and those of leases; the node's last, where
 * neither container nor daemon names any. `.` is none. Pure.
 */
export function searchOf(
  { dns, endpoints }: Asked,
  networks: readonly Pick<Network, 'options'>[],
  { dnsSearch, node }: ResolverDefaults,
): string[] {
  const asked = dns.search.length > 0 ? dns.search : dnsSearch;
  const suffixes = networks.flatMap((network) => dnsOf(network).suffix ?? []);
  const leased = endpoints.flatMap(({ lease }) => lease?.domain ?? []);
  const all = [...asked, ...suffixes, ...leased, ...(asked.length > 0 ? [] : node.search)];
  return [...new Set(all)].filter((domain) => domain !== '.');
}

/** A container's resolver options: its own, or else the daemon's, or else the node's. */
export function optionsOf({ dns }: Pick<Asked, 'dns'>, { dnsOptions, node }: ResolverDefaults): string[] {
  return [dns.options, dnsOptions, node.options].find((options) => options.length > 0) ?? [];
}

/** The value of `ndots` among them, of which the last one holds; undefined: it is not there. */
export function ndotsOf(options: readonly string[]): number | undefined {
  const found = options.findLast((option) => option.startsWith('ndots:'));
  return found === undefined ? undefined : Number(found.slice('ndots:'.length)) || 0;
}

export function resolvConf(
  container: Asked,
  networks: readonly Pick<Network, 'options'>[],
  defaults: ResolverDefaults,
): string {
  const search = searchOf(container, networks, defaults);
  const options = optionsOf(container, defaults);
  const ndots = ndotsOf(options) === undefined ? ['ndots:0'] : [];
  return [
    'nameserver 127.0.0.11',
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    `options ${[...options, ...ndots].join(' ')}`,
    '',
  ].join('\n');
}
