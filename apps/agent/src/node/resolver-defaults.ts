import { ResolvConf, type ResolverSettings } from '#lib/common';
import type { DaemonConfig } from '#lib/contracts';

/** Where the node's name servers are said, by hand and by systemd-resolved, which names itself in the first. */
export const RESOLV_CONF = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'] as const;
const RESOLVED = '127.0.0.53';

/** For containers that name none of their own. */
export interface ResolverDefaults extends Pick<DaemonConfig, 'dns' | 'dnsSearch' | 'dnsOptions'> {
  /** the node's, where the daemon says nothing either */
  node: Pick<ResolverSettings, 'search' | 'options'>;
}

const [byHand, byResolved] = RESOLV_CONF.map((path) => new ResolvConf(path)) as [ResolvConf, ResolvConf];

export function resolverDefaults({ dns, dnsSearch, dnsOptions }: DaemonConfig): ResolverDefaults {
  return { dns, dnsSearch, dnsOptions, node: nodeSettings(byHand, byResolved) };
}

/** As in Docker: options for asking systemd-resolved are none for asking others. */
export function nodeSettings(hand: ResolvConf, resolved: ResolvConf): ResolverSettings {
  const { servers } = hand.settings();
  return (servers.length === 1 && servers[0] === RESOLVED ? resolved : hand).settings();
}
