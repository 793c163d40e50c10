import { afterAll, beforeAll } from 'vitest';
import { type Namespace, Segment } from './namespaces.js';
import { type NodeOptions, TestNode } from './node.js';

export interface World {
  nodes: TestNode[];
  node: TestNode;
  outside: Namespace;
}

/** Nodes on one segment for the tests of a `describe`, made before them and removed after them. */
export function useWorld(count = 1, options: (outside: Namespace, index: number) => NodeOptions = () => ({})): World {
  let segment: Segment | undefined;
  const world: Partial<World> & { nodes: TestNode[] } = { nodes: [] };

  beforeAll(async () => {
    if (process.getuid?.() !== 0) throw new Error('end-to-end tests make network namespaces: run them as root');
    segment = await Segment.create();
    world.outside = segment.outside;
    for (let n = 0; n < count; n++) {
      world.nodes.push(await TestNode.create(await segment.attach(), options(segment.outside, n)));
    }
    world.node = world.nodes[0]!;
  });
  afterAll(async () => {
    try {
      await Promise.all(world.nodes.map((node) => node.remove()));
    } finally {
      await segment?.remove();
    }
  });
  return world as World;
}
