import { BlockList } from 'node:net';
import type { Forward } from '#lib/discovery';
import { THE_NODE, type Place } from '../sockets/places.js';
import { serverAddress, type ServerAddress } from './server-address.js';

/** A server, and where it is asked from. */
export interface Upstream extends ServerAddress {
  place: Place;
  /** the same for the same server only */
  key: string;
}

/**
 * The servers to ask, in order; what is no address is passed over. Those that networks and the container named are where
 * the asker is, and the daemon's and the node's where the node is.
 *
 * @param inside the asker's namespace; wanted only where a server is asked from there
 */
export function upstreamsOf(
  { upstreams, defaults }: Pick<Forward, 'upstreams' | 'defaults'>,
  nodeServers: () => string[],
  inside: () => Place,
): Upstream[] {
  const named = servers(upstreams).map((server) => upstream(server, isNodes(server) ? THE_NODE : inside()));
  const others = upstreams.length + defaults.length > 0 ? defaults : nodeServers();
  return [...named, ...servers(others).map((server) => upstream(server, THE_NODE))];
}

const servers = (texts: readonly string[]): ServerAddress[] =>
  texts.map(serverAddress).filter((server) => server !== undefined);

const upstream = (server: ServerAddress, place: Place): Upstream => ({
  ...server,
  place,
  key: place === THE_NODE ? server.text : `${server.text} ${place.id}`,
});

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Wherever the node is meant, be it by its loopback or by a link of its own (`fe80::1%eth0`). */
const isNodes = ({ address, family }: ServerAddress): boolean =>
  address.includes('%') || LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
