import { unavailable, waitFor } from '#lib/common';
import type { NodeClient } from '../client/node-client.js';
import type { Place } from './places.js';
import { clientOf } from './start-node.js';

/** What a node is in its swarm: of the Docker Engine API's GET /info. */
export interface SwarmInfo {
  NodeID: string;
  LocalNodeState: string;
  ControlAvailable: boolean;
}

const READY = 30_000;

export async function swarmOf(client: NodeClient): Promise<SwarmInfo> {
  return (await client.json<{ Swarm: SwarmInfo }>({ method: 'GET', path: '/info' })).Swarm;
}

/** Makes the first node the manager of a swarm, and the others its workers, where they are not. All are ready then. */
export async function joinNodes(places: readonly Place[]): Promise<void> {
  const [first, ...others] = places;
  if (!first) return;
  const manager = clientOf(first);
  if ((await swarmOf(manager)).LocalNodeState !== 'active') {
    const body = { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: first.machine.address, Spec: {} };
    await manager.text({ method: 'POST', path: '/swarm/init', body });
  }
  const { JoinTokens } = await manager.json<{ JoinTokens: { Worker: string } }>({ method: 'GET', path: '/swarm' });
  await Promise.all(others.map((place) => joinNode(place, `${first.machine.address}:2377`, JoinTokens.Worker)));
  await waitFor(async () => (await readyNodes(manager)) >= places.length, {
    ms: READY,
    every: 100,
    what: `all ${places.length} nodes are ready in the swarm`,
  });
}

async function joinNode(place: Place, manager: string, token: string): Promise<void> {
  const client = clientOf(place);
  const state = (await swarmOf(client)).LocalNodeState;
  if (state === 'active' || state === 'pending') return;
  if (state !== 'inactive') throw unavailable(`${place.name}: its swarm is in state ${state}; see ${place.logFile}`);
  const { address } = place.machine;
  const body = { RemoteAddrs: [manager], JoinToken: token, ListenAddr: '0.0.0.0:2377', AdvertiseAddr: address };
  await client.text({ method: 'POST', path: '/swarm/join', body });
}

async function readyNodes(manager: NodeClient): Promise<number> {
  const nodes = await manager.json<{ Status: { State: string } }[]>({ method: 'GET', path: '/nodes' });
  return nodes.filter(({ Status }) => Status.State === 'ready').length;
}
