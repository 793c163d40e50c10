import { digestOf } from '#lib/common';
import type { Network, Observed, Tunnel } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';

/** The device that these networks need together; undefined: none of them is encrypted. */
export function tunnelOf(networks: readonly Network[]): Tunnel | undefined {
  const places = networks.flatMap(({ target, overlay }) =>
    target === 'present' && overlay?.encryption ? [overlay.encryption] : [],
  );
  const [first] = places;
  if (!first) return undefined;
  const peers = new Map(places.flatMap((place) => place.peers.map((peer) => [peer.publicKey, peer] as const)));
  return { ...first, peers: [...peers.values()].sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1)) };
}

/** Comes before every encrypted network. When the last of them is gone the device is a stray link, and goes as one. */
export function planTunnel({ networks }: Desired, observed: Observed): Step[] {
  const tunnel = tunnelOf(networks);
  return !tunnel || observed.tunnel === digestOf(tunnel) ? [] : [step({ kind: 'tunnel.ensure', tunnel })];
}

export const TUNNEL_STEP = stepId('tunnel.ensure', 'node');
