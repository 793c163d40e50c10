import { conflict, forbidden, invalid } from '#lib/common';
import { joinNodes } from './join-nodes.js';
import { ClusterPlaces, MOST_NODES, type Place } from './places.js';
import { startNode } from './start-node.js';

/** The daemon keeps unix sockets below the data root's engine; their paths have 108 bytes. */
const LONGEST_FOLDER = 60;

/**
 * Makes what is missing of a cluster of `count` nodes on this machine: namespaces, daemons, the swarm. What is there
 * stays as it is, so it also brings back what a reboot took.
 */
export async function clusterUp(folder: string, count: number, say: (text: string) => void): Promise<ClusterPlaces> {
  if (process.geteuid?.() !== 0) {
    throw forbidden('test hosts are network namespaces with daemons in them: run it as root (sudo skep cluster up)');
  }
  if (folder.length > LONGEST_FOLDER) {
    throw invalid(`--data-root ${folder}: at most ${LONGEST_FOLDER} characters, because sockets lie below it`);
  }
  if (!Number.isInteger(count) || count < 1 || count > MOST_NODES) {
    throw invalid(`a cluster has 1 to ${MOST_NODES} nodes, not ${count}`);
  }
  const places = (await ClusterPlaces.read(folder)) ?? ClusterPlaces.plan(folder);
  if (places.count > count) {
    throw conflict(
      `the cluster in ${folder} has ${places.count} nodes, and up only adds: ` +
        `take it down first (skep cluster down), or say ${places.count} or more`,
    );
  }
  // Folders that are passable for all are so whatever the shell's umask is.
  process.umask(0o022);
  await places.grow(count);
  await buildSegment(places);
  await Promise.all(
    places.nodes.map(async (place) => {
      const { nodeId, version } = await startNode(place);
      if (place.netnsPrefix === undefined) await places.remember(place.name, nodeId);
      say(`${place.name}: skep ${version} at ${place.machine.address}`);
    }),
  );
  await joinNodes(places.nodes);
  return places;
}

async function buildSegment(places: ClusterPlaces): Promise<void> {
  const { segment } = places;
  if (!segment.outside.exists) await segment.build();
  for (const [index, { machine, name }] of places.nodes.entries()) {
    if (!machine.exists) await segment.attach(index + 1, name);
  }
}

/** How the nodes are reached, for people. */
export function howToReach(places: ClusterPlaces, first: Place): string {
  const outside = places.segment.outside.path;
  return [
    `Drive it with the docker CLI or skep:   export DOCKER_HOST=unix://${first.socket}`,
    `A machine outside of the nodes:         nsenter --net=${outside} COMMAND`,
    '',
  ].join('\n');
}
