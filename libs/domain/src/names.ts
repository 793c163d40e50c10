import { createHash } from 'node:crypto';
import { remembered } from '#lib/common';

/** A comparison asks for a digest of each endpoint, some of them several times. */
const digest = remembered(10_000, (text) => createHash('sha256').update(text).digest('hex'));

/**
 * Names of ours in the kernel. They carry the node's short id, so that several nodes live on one machine, and are at
 * most 15 bytes long where they name links (IFNAMSIZ).
 */
export class NodeNames {
  /** @param nodeId the node's id, 64 hex digits */
  constructor(readonly nodeId: string) {}

  get short(): string {
    return this.nodeId.slice(0, 4);
  }

  /** prefix of every link that this node makes */
  get linkPrefix(): string {
    return `sk${this.short}`;
  }

  /** the link that stands for the network, unless its maker chose another name */
  bridge(networkId: string): string {
    return this.ofNetwork('b', networkId);
  }

  /** the network's VLAN on its uplink, as a link of its own */
  vlan(networkId: string): string {
    return this.ofNetwork('l', networkId);
  }

  /** A link that belongs to a network; the letter tells its links apart. `v` is taken by endpoints. */
  ofNetwork(letter: string, networkId: string): string {
    return `${this.linkPrefix}${letter}${networkId.slice(0, 8)}`;
  }

  /** Is it one of the names that `ofNetwork` gives for this network? */
  isOfNetwork(link: string, networkId: string): boolean {
    return link.startsWith(this.linkPrefix) && link.slice(this.linkPrefix.length + 1) === networkId.slice(0, 8);
  }

  /** the WireGuard device of the node's encrypted networks */
  get tunnel(): string {
    return `${this.linkPrefix}wg`;
  }

  /** host side of the veth pair of one endpoint */
  veth(containerId: string, networkId: string): string {
    return `${this.linkPrefix}v${digest(`${containerId} ${networkId}`).slice(0, 8)}`;
  }

  get netnsPrefix(): string {
    return `skep-${this.nodeId.slice(0, 8)}-`;
  }

  /** name below /run/netns */
  netns(containerId: string): string {
    return `${this.netnsPrefix}${containerId.slice(0, 12)}`;
  }

  netnsPath(containerId: string): string {
    return `/run/netns/${this.netns(containerId)}`;
  }

  /** name of our nftables tables, one for each family that has rules of ours */
  get nftTable(): string {
    return `skep_${this.short}`;
  }
}

/** Link names that the kernel and our tools accept: 1–15 bytes, no slash, no white space, not `.` or `..`. */
export function isLinkName(name: string): boolean {
  return /^[^\s/:]{1,15}$/u.test(name) && Buffer.byteLength(name) <= 15 && name !== '.' && name !== '..';
}

/** The id of a container's attachment to a network, which follows from both: 64 hex digits. */
export function endpointId(containerId: string, networkId: string): string {
  return digest(`endpoint ${containerId} ${networkId}`);
}

/** The id of a container's network namespace: 64 hex digits. */
export function sandboxId(containerId: string): string {
  return digest(`sandbox ${containerId}`);
}

/**
 * The MAC of a node's own end on a network where every node has an address: 06:42 and that address. Endpoints begin with
 * 02, so the two are told apart at a glance and by rules.
 */
export function gatewayMac(ipv4: string): string {
  return macOf('06', ipv4);
}

/**
 * The MAC of an endpoint of an overlay network. It follows from the address, so that who remembers the one of an address
 * that somebody else has by now is right all the same.
 * @param owner of the endpoint: where it has no IPv4 address
 */
export function overlayMac({ networkId, ipv4 }: { networkId: string; ipv4?: string }, owner: string): string {
  return ipv4 === undefined ? endpointMac(owner, networkId) : macOf('02', ipv4);
}

/** What `gatewayMac` (06) and `overlayMac` (02) made a MAC of; undefined: it is none of theirs. */
export function addressOfMac(mac: string): { first: string; ipv4: string } | undefined {
  const [, first, bytes] = /^(0[26]):42((?::[0-9a-f]{2}){4})$/.exec(mac) ?? [];
  if (first === undefined || bytes === undefined) return undefined;
  return {
    first,
    ipv4: bytes
      .slice(1)
      .split(':')
      .map((byte) => Number.parseInt(byte, 16))
      .join('.'),
  };
}

function macOf(first: string, ipv4: string): string {
  return [first, '42', ...ipv4.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))].join(':');
}

/** A locally administered unicast MAC that follows from the container and its network, so that it is stable. */
export function endpointMac(containerId: string, networkId: string): string {
  const bytes = digest(`mac ${containerId} ${networkId}`).slice(0, 10).match(/../g)!;
  return ['02', ...bytes].join(':');
}
