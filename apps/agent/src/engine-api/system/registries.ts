import { isIP } from 'node:net';

/** Docker Hub, as `docker info` and `docker login` name it. */
export const familiarIndex = 'https://index.docker.io/v1/';

const HUB = 'docker.io';
/** Registries of this machine speak plain HTTP. */
const LOOPBACK = ['::1/128', '127.0.0.0/8'];

/** RegistryConfig of GET /info. @param insecure `host[:port]` or CIDR */
export function registryConfig(insecure: readonly string[]) {
  const isCidr = (entry: string) => entry.includes('/') && isIP(entry.slice(0, entry.indexOf('/'))) !== 0;
  const index = (Name: string, Secure: boolean, Official: boolean) => ({ Name, Mirrors: [], Secure, Official });
  return {
    InsecureRegistryCIDRs: [...LOOPBACK, ...insecure.filter(isCidr)],
    IndexConfigs: Object.fromEntries([
      [HUB, index(HUB, true, true)],
      ...insecure.filter((entry) => !isCidr(entry)).map((entry) => [entry, index(entry, false, false)]),
    ]),
    Mirrors: null,
  };
}
