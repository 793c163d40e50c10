import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { TestNode } from './harness/node.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

/** As in clouds: 10.0.0.0/24 between the nodes, and public addresses that a router on the way translates, both ways. */
describe('a swarm of nodes that have addresses of 10.0.0.0/24, behind a translation', () => {
  const world = useWorld(2);
  let swarm: Swarm;

  const index = (node: TestNode) => world.nodes.indexOf(node) + 1;
  const announced = (node: TestNode) => `203.0.113.${index(node)}`;

  beforeAll(async () => {
    const router = world.outside;
    // It sends back by the link that it came from, and tells nobody of a shorter way.
    for (const key of ['ip_forward=1', 'conf.all.send_redirects=0', 'conf.switch.send_redirects=0']) {
      await router.must('sysctl', ['-q', '-w', `net.ipv4.${key}`]);
    }
    const pairs = world.nodes.map((node) => [node.machine.address, announced(node)] as const);
    const rules = [
      'chain itself { type filter hook prerouting priority -150;',
      // No node reaches itself by its public address.
      ...pairs.map(([own, shown]) => `ip saddr ${own} ip daddr ${shown} drop`),
      '}',
      'chain in { type nat hook prerouting priority -100;',
      `dnat to ip daddr map { ${pairs.map(([own, shown]) => `${shown} : ${own}`).join(', ')} }`,
      '}',
      'chain out { type nat hook postrouting priority 100;',
      `ct status dnat snat to ip saddr map { ${pairs.map((pair) => pair.join(' : ')).join(', ')} }`,
      '}',
    ];
    await router.must('nft', ['-f', '-'], { input: `table ip cloud {\n${rules.join('\n')}\n}` });
    for (const node of world.nodes) {
      await node.machine.must('ip', ['address', 'add', `10.0.0.${index(node)}/24`, 'dev', 'uplink']);
    }
    swarm = await Swarm.found(world.nodes, [], announced);
    await swarm.docker('network', 'create', '-d', 'overlay', 'wide');
    await swarm.service('web', 2, ['--network', 'wide', '--publish', '8080:80', '--replicas-max-per-node', '1']);
    await swarm.running(2);
  });

  it('has networks clear of that, and its nodes reach each other as before', async () => {
    const subnetOf = (name: string) =>
      swarm.docker('network', 'inspect', name, '-f', '{{(index .IPAM.Config 0).Subnet}}');
    expect(await Promise.all(['ingress', 'wide'].map(subnetOf))).toEqual(['10.0.1.0/24', '10.0.2.0/24']);
    await world.node.machine.must('ping', ['-c', '1', '-W', '2', '10.0.0.2']);
  });

  it('carries what its tasks say to each other from node to node', async () => {
    const [from, to] = swarm.placed as [Swarm['placed'][number], Swarm['placed'][number]];
    expect(from.node).not.toBe(to.node);
    await from.node.inSandbox(from.id, 'ping', ['-c', '2', '-W', '2', to.addresses['wide']!]);
  });

  it('answers at a published port of each node, by the tasks of both', async () => {
    for (const { machine } of world.nodes) {
      const seen = new Set<string>();
      await waitFor(
        async () => {
          const text = (await world.outside.get(`http://${machine.address}:8080/`)) ?? '';
          for (const { id } of swarm.placed) if (text.includes(id.slice(0, 12))) seen.add(id);
          return seen.size === 2;
        },
        { ms: 20_000, every: 100, what: `both tasks answer at ${machine.address}` },
      );
    }
  });
});
