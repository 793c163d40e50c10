import { lookup } from 'node:dns/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { join } from 'node:path';

const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';
/** As Docker has it: registries of this machine may speak plain HTTP. */
const LOOPBACK = ['127.0.0.0/8', '::1/128', 'localhost'];
/** Where Docker and Podman look for a registry's authority: `HOST[:PORT]/*.crt`. */
const CERTIFICATES = ['/etc/docker/certs.d', '/etc/containers/certs.d'];

/** The registry that a server address of a login, or the first part of a repository's full name, means. */
export function registryHost(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return ['', HUB, `index.${HUB}`, HUB_HOST].includes(host) ? HUB_HOST : host;
}

/** `Registries.lookUp`; behind a proxy, which looks up by itself, nothing is. */
export async function lookUpRegistry(repository: string): Promise<void> {
  if (['HTTPS_PROXY', 'https_proxy'].some((name) => process.env[name])) return;
  const host = registryHost(repository.split('/')[0]!).replace(/:\d+$/, '');
  await lookup(host.replace(/^\[(.*)\]$/, '$1')).catch(() => undefined);
}

/** May it be asked without TLS, or with a certificate of anybody's? @param insecure `host[:port]` or CIDR */
export function isInsecure(host: string, insecure: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return [...LOOPBACK, ...insecure].some((entry) => entry === host || entry === name || contains(entry, name));
}

/** Certificates of authorities that this machine trusts for this registry alone; PEM. */
export function authoritiesOf(host: string, folders: readonly string[] = CERTIFICATES): string[] {
  return folders
    .map((folder) => join(folder, host))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((path) => path.endsWith('.crt'))
    .map((path) => readFileSync(path, 'utf8'));
}

function contains(cidr: string, address: string): boolean {
  const [subnet = '', bits] = cidr.split('/');
  const family = isIP(subnet);
  if (bits === undefined || family === 0 || isIP(address) !== family) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(subnet, Number(bits), type);
  return list.check(address, type);
}
