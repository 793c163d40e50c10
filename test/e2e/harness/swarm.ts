import type { TestNode } from './node.js';

/** The first of the nodes makes a swarm, the others join it as workers. @param options of `docker swarm init` */
export async function formSwarm([manager, ...workers]: readonly TestNode[], ...options: string[]): Promise<void> {
  const { address } = manager!.machine;
  await manager!.mustDocker(['swarm', 'init', '--advertise-addr', address, ...options]);
  const token = (await manager!.mustDocker(['swarm', 'join-token', '-q', 'worker'])).trim();
  await Promise.all(workers.map((each) => each.mustDocker(['swarm', 'join', '--token', token, `${address}:2377`])));
}
