import { invalid } from '#lib/common';
import type { DaemonConfig, DaemonSettings } from '#lib/contracts';
import { contains, parseCidr } from '#lib/ipam';

/** Longest path of a unix socket: sun_path is 108 bytes with its end. */
const SOCKET_PATH_BYTES = 107;

const UNIX = 'unix://';

/** What no setting alone can be refused for. */
export function checkCombinations(config: DaemonConfig, settings: DaemonSettings): void {
  checkTcp(config, settings);
  checkEngine(config);
  checkPrefixes(config);
  const ownSockets = config.hosts.filter((host) => host.startsWith(UNIX)).map((host) => host.slice(UNIX.length));
  for (const socket of [config.resolverSocket, ...ownSockets]) {
    const length = Buffer.byteLength(socket);
    if (length > SOCKET_PATH_BYTES) {
      throw invalid(`${socket}: ${length} bytes are too long for a socket's path (at most ${SOCKET_PATH_BYTES})`);
    }
  }
}

/** Whoever reaches the API is root on the node, so on TCP it must know who asks. */
function checkTcp({ hosts, tls }: DaemonConfig, { tlsCa, tlsCert, tlsKey, tlsVerify }: DaemonSettings): void {
  const open = hosts.find((host) => host.startsWith('tcp://'));
  if (open === undefined || tls) return;
  const needed = { tlscacert: tlsCa, tlscert: tlsCert, tlskey: tlsKey, 'tlsverify: true': tlsVerify };
  const missing = Object.entries(needed).flatMap(([key, value]) => (value ? [] : [key]));
  throw invalid(
    `hosts: ${open}: whoever reaches it would be root on this node, so it needs certificates on both sides; ` +
      `missing: ${missing.join(', ')} (or use unix:///path/to.sock)`,
  );
}

function checkEngine({ engine, engineSocket, hosts, insecureRegistries }: DaemonConfig): void {
  if (engine === 'podman') {
    if (engineSocket === undefined) return;
    throw invalid(
      'engine-socket: is for Docker Engine; Podman\'s is skep\'s own. Set "engine" to "docker", or leave it out',
    );
  }
  if (insecureRegistries.length > 0) {
    throw invalid('insecure-registries: Docker Engine pulls by its own daemon.json; set them there');
  }
  if (engineSocket !== undefined && hosts.includes(engineSocket)) {
    throw invalid(`engine-socket: ${engineSocket} is where skep itself is to listen ("hosts")`);
  }
}

/** By such prefixes neither the default network nor any other without a subnet of its own could ever be made. */
function checkPrefixes({ fixedCidr, fixedCidrV6, natPrefix, defaultAddressPools = [] }: DaemonConfig): void {
  const fixed = fixedCidr === undefined ? undefined : parseCidr(fixedCidr, 'fixed-cidr');
  if (fixedCidrV6 !== undefined) parseCidr(fixedCidrV6, 'fixed-cidr-v6');
  const pools = defaultAddressPools.map(({ base }) => parseCidr(base, 'default-address-pools'));
  if (natPrefix === undefined) return;
  const within = parseCidr(natPrefix, 'nat-prefix');
  if (fixed && !contains(within, fixed)) {
    throw invalid(`fixed-cidr: ${fixedCidr} is not part of nat-prefix ${natPrefix}`);
  }
  const ofV4 = pools.filter(({ family }) => family === 4);
  if (ofV4.length > 0 && !ofV4.some((each) => contains(within, each))) {
    const bases = defaultAddressPools.map(({ base }) => base).filter((base) => !base.includes(':'));
    throw invalid(`default-address-pools: none of ${bases.join(', ')} is part of nat-prefix ${natPrefix}`);
  }
}
