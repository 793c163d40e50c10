import { existsSync } from 'node:fs';
import { isIP, BlockList } from 'node:net';
import { invalid } from '#lib/common';
import { isLinkName } from '#lib/domain';
import { formatAddress, parseAddress } from '#lib/ipam';

const IFNAME = 'com.docker.network.endpoint.ifname';
const SYSCTLS = 'com.docker.network.endpoint.sysctls';

/**
 * What an attachment's DriverOpts say: the link's name, and sysctls of that link alone. Others are kept and shown, and do
 * nothing, as in Docker.
 * @param known does a container's namespace have this file below /proc/sys?
 */
export function endpointOptions(options: Readonly<Record<string, string>>, known = existsSync as Known) {
  const { [IFNAME]: name, [SYSCTLS]: sysctls } = options;
  return {
    ...(Object.keys(options).length > 0 && { driverOptions: { ...options } }),
    ...(name !== undefined && { ifName: ifNameOf(name) }),
    ...(sysctls !== undefined && { sysctls: sysctlsOf(sysctls, known) }),
  };
}

type Known = (path: string) => boolean;

function ifNameOf(name: string): string {
  if (isLinkName(name) && name !== 'lo') return name;
  throw invalid(
    `invalid interface name ${JSON.stringify(name)}: expected 1 to 15 bytes without white space, "/" or ":", and not lo`,
  );
}

/** `net.ipv4.conf.IFNAME.log_martians=1,…`; with `service create` the docker CLI sends it in small letters. */
function sysctlsOf(text: string, known: Known): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((entry) => {
      const [, family, kind, key, value] =
        /^net\.(ipv4|ipv6|mpls)\.(conf|neigh)\.(?:IFNAME|ifname)\.([a-z0-9_]+)=(\S+)$/.exec(entry.trim()) ?? [];
      const found = `${SYSCTLS}: ${JSON.stringify(entry)}`;
      if (!value) throw invalid(`${found}: expected net.FAMILY.conf.IFNAME.KEY=VALUE`);
      if (known(`/proc/sys/net/${family}/${kind}/default/${key}`)) return [`${family}/${kind}/IFNAME/${key}`, value];
      throw invalid(`${found}: this kernel does not have it`);
    }),
  );
}

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** Addresses of IPAMConfig.LinkLocalIPs, as the kernel writes them; undefined: none. */
export function linkLocalOf(addresses: readonly string[] = []): string[] | undefined {
  if (addresses.length === 0) return undefined;
  return addresses.map((address) => {
    const kind = isIP(address);
    if (kind !== 0 && LINK_LOCAL.check(address, kind === 6 ? 'ipv6' : 'ipv4')) {
      const { family, value } = parseAddress(address, 'link-local address');
      return formatAddress(family, value);
    }
    throw invalid(
      `invalid link-local IP address ${JSON.stringify(address)}: expected one of 169.254.0.0/16 or fe80::/10`,
    );
  });
}
