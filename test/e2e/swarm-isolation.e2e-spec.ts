import { beforeAll, describe, expect, it } from 'vitest';
import { Swarm, type Placed } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  red: [],
  blue: [],
  inner: ['--internal'],
  secret: ['--opt', 'encrypted'],
};
/** service → its networks */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  'on-red': ['red'],
  'on-blue': ['blue'],
  'on-inner': ['inner'],
  'on-secret': ['secret'],
  'on-both': ['red', 'secret'],
};
/** Pings under way at a time. */
const AT_ONCE = 40;

describe('containers of four overlay networks on three nodes', () => {
  const world = useWorld(3);
  let swarm: Swarm;

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
    for (const [name, options] of Object.entries(NETWORKS)) {
      await swarm.docker('network', 'create', '-d', 'overlay', ...options, name);
    }
    for (const [name, networks] of Object.entries(SERVICES)) {
      const on = networks.flatMap((network) => ['--network', network]);
      await swarm.service(name, 3, [...on, '--replicas-max-per-node', '1'], 'idle');
    }
    await swarm.running(3 * Object.keys(SERVICES).length);
  });

  it('each reaches exactly those that it shares a network with, whichever nodes they are on', async () => {
    const pairs = swarm.placed.flatMap((from) =>
      swarm.placed
        .filter((to) => to !== from)
        .flatMap((to) => Object.entries(to.addresses).map(([network, address]) => ({ from, to, network, address }))),
    );
    const answers = await inTurns(pairs, async ({ from, address }) => {
      const reached = await reaches(from, address);
      return reached ? 'reached' : 'not reached';
    });
    const wrong = pairs.flatMap(({ from, to, network, address }, index) => {
      const wanted = network in from.addresses ? 'reached' : 'not reached';
      return answers[index] === wanted
        ? []
        : [`${from.name} → ${to.name} by ${network} (${address}): ${answers[index]}`];
    });
    expect(pairs).toHaveLength(15 * 14 + 3 * 14);
    expect(wrong).toEqual([]);
  });

  it('reach the outside where their networks do', async () => {
    const asked = await inTurns(swarm.placed, (from) => reaches(from, world.outside.address));
    const wrong = swarm.placed.filter(({ service }, index) => asked[index] !== (service !== 'on-inner'));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

/** A first try may wait for a handshake of the tunnel; so there are several, and one answer is enough. */
async function reaches({ node, id }: Placed, address: string): Promise<boolean> {
  return node.inSandbox(id, 'ping', ['-n', '-c', '1', '-w', '2', '-i', '0.3', address]).then(
    () => true,
    () => false,
  );
}

async function inTurns<T, R>(all: readonly T[], work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < all.length; index = next++) results[index] = await work(all[index]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
