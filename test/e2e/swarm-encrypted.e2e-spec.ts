import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { captured } from './harness/captured.js';
import type { Namespace } from './harness/namespaces.js';
import type { TestNode } from './harness/node.js';
import { must } from './harness/process.js';
import { processesOf } from './harness/processes.js';
import { Swarm, type Placed } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

/** UDP port of WireGuard, as the third node does not have it. */
const PORT = 4799;
/** What the payload of every ping here is full of. */
const MARK = 'c0ffee42';

describe('an encrypted overlay network beside a plain one', () => {
  // The third node takes no part.
  const world = useWorld(3, (_outside, index) => ({ config: index === 2 ? { 'encrypted-overlay-port': 0 } : {} }));
  let swarm: Swarm;
  let first: TestNode;
  let second: TestNode;
  let before: string[][];
  const at = (service: string, node: TestNode): Placed => swarm.on(node).find((each) => each.service === service)!;
  const ping = (from: Placed, to: string, ...more: string[]) =>
    from.node.inSandbox(from.id, 'ping', ['-c', '3', '-i', '0.2', '-W', '2', '-p', MARK, ...more, to]);
  const wg = async ({ machine, kernelNames }: TestNode, what: string) =>
    (await must('nsenter', [`--net=${machine.path}`, 'wg', 'show', kernelNames.tunnel, what])).trim();
  const vni = async (network: string) =>
    Number(
      (
        await first.mustDocker([
          'network',
          'inspect',
          network,
          '--format',
          '{{index .Options "com.docker.network.driver.overlay.vxlanid_list"}}',
        ])
      ).trim(),
    );

  beforeAll(async () => {
    [first, second] = world.nodes as [TestNode, TestNode];
    swarm = await Swarm.found(world.nodes);
    // Every node is on the ingress network from the first on.
    const onIngress = async (node: TestNode) =>
      (await swarmLinks(node)).some((name) => name.startsWith(`${node.kernelNames.linkPrefix}x`));
    await waitFor(async () => (await Promise.all(world.nodes.map(onIngress))).every(Boolean), {
      ms: 20_000,
      every: 100,
      what: 'the ingress network on every node',
    });
    before = await Promise.all(world.nodes.map((node) => swarmLinks(node)));
    await swarm.docker('network', 'create', '-d', 'overlay', '--opt', 'encrypted', 'secret');
    await swarm.docker('network', 'create', '-d', 'overlay', 'open');
    await swarm.service('hidden', 2, ['--network', 'secret', '--constraint', `node.id!=${swarm.id(2)}`]);
    await swarm.service('shown', 3, ['--network', 'open']);
    await swarm.running(5);
  });

  it('shows that it is encrypted, and refuses what is no truth value', async () => {
    const options = JSON.parse(
      await swarm.docker('network', 'inspect', 'secret', '--format', '{{json .Options}}'),
    ) as Record<string, string>;
    expect(options).toHaveProperty('encrypted');
    const refused = await first.docker(['network', 'create', '-d', 'overlay', '--opt', 'encrypted=maybe', 'other']);
    expect(refused.stderr).toContain('option encrypted: "maybe"');
  });

  it('carries full frames between the nodes: 1500 less WireGuard and VXLAN', async () => {
    const [from, to] = [at('hidden', first), at('hidden', second)];
    const [link] = JSON.parse(await from.node.inSandbox(from.id, 'ip', ['-j', 'link', 'show', 'eth0'])) as [
      { mtu: number },
    ];
    expect(link.mtu).toBe(1370);
    await ping(from, to.address, '-M', 'do', '-s', '1342');
  });

  it('lets nothing of it onto the wire that could be read, while the plain network’s frames can', async () => {
    const seen = await captured(world.outside.path, 'port1', async () => {
      await ping(at('hidden', first), at('hidden', second).address);
      await ping(at('shown', first), at('shown', second).address);
    });
    expect(seen.lines(`udp port ${PORT}`).length).toBeGreaterThan(5);
    const [secret, open] = [await vni('secret'), await vni('open')];
    const vxlan = (of: number) => seen.lines(`udp dst port 4789 and (udp[12:4] & 0xffffff00) = ${of * 256}`).length;
    expect(vxlan(open)).toBeGreaterThan(5);
    expect(vxlan(secret)).toBe(0);
    expect(seen.lines('ip6 and udp port 4789')).toEqual([]);
    // Six pings of the plain network hold the mark, with both directions; those of the encrypted one do not.
    expect(seen.countOf(MARK.repeat(8))).toBe(6);
  });

  it('takes no frame of the network from one without a key, in whatever family it comes', async () => {
    const target = at('hidden', first);
    const open = at('shown', first);
    const linkLocal = async ({ machine }: { machine: Pick<Namespace, 'must'> }, link: string) =>
      /inet6 (fe80:[^/]+)/.exec(await machine.must('ip', ['-6', 'addr', 'show', 'dev', link]))![1]!;
    const ways = {
      ipv4: ['remote', first.machine.address, 'local', world.outside.address],
      // As a node that has endpoints of both networks.
      forged: ['remote', first.machine.address, 'local', second.machine.address],
      ipv6: `remote ${await linkLocal(first, 'uplink')} local ${await linkLocal({ machine: world.outside }, 'switch')} dev switch`.split(
        ' ',
      ),
    };
    const reaches = async (network: string, to: Placed, by: keyof typeof ways): Promise<boolean> => {
      const { outside } = world;
      const id = await vni(network);
      const link = `sk-x${id}`;
      const mac = await to.node.inSandbox(to.id, 'cat', ['/sys/class/net/eth0/address']);
      const vxlan = ['type', 'vxlan', 'id', String(id), 'dstport', '4789', ...ways[by]];
      await outside.must('ip', ['link', 'add', link, ...vxlan]);
      await outside.must('ip', ['link', 'set', link, 'up']);
      await outside.must('ip', ['addr', 'add', to.address.replace(/\d+$/, '250/24'), 'dev', link]);
      await outside.must('ip', ['neigh', 'add', to.address, 'lladdr', mac.trim(), 'dev', link]);
      const forge = ['-c', '3', '-i', '0.2', '-W', '1', '-p', MARK, '-I', link, to.address];
      const seen = await captured(to.node.sandboxPath(to.id), 'eth0', () => outside.run('ping', forge));
      await outside.must('ip', ['link', 'del', link]);
      return seen.countOf(MARK.repeat(8)) > 0;
    };
    const { outside } = world;
    // That it has the node's address as well is neither answered nor told when it asks itself.
    await outside.must('sysctl', ['-w', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2']);
    await outside.must('ip', ['addr', 'add', `${second.machine.address}/32`, 'dev', 'lo']);
    // Frames of the plain network are believed by the node's address alone: so the forged ones are what they should be.
    expect(await reaches('open', open, 'forged')).toBe(true);
    expect(await reaches('open', open, 'ipv4')).toBe(false);
    expect(await reaches('secret', target, 'forged')).toBe(false);
    await outside.must('ip', ['addr', 'del', `${second.machine.address}/32`, 'dev', 'lo']);
    await outside.must('sysctl', ['-w', 'net.ipv4.conf.all.arp_ignore=0', 'net.ipv4.conf.all.arp_announce=0']);
    expect(await reaches('secret', target, 'ipv4')).toBe(false);
    expect(await reaches('secret', target, 'ipv6')).toBe(false);
  });

  it('tells a node that takes no part nothing, and says why no task runs there', async () => {
    const [, , third] = world.nodes as [TestNode, TestNode, TestNode];
    await swarm.service('refused', 1, ['--network', 'secret', '--constraint', `node.id==${swarm.id(2)}`]);
    const why = () =>
      swarm.docker('service', 'ps', 'refused', '--no-trunc', '--format', '{{.CurrentState}} {{.Error}}');
    await waitFor(async () => (await why()).includes('encrypted'), { ms: 10_000, every: 200, what: 'a reason' });
    expect(await why()).toContain('encrypted network secret not possible (encrypted-overlay-port is 0) on 1 node');
    await swarm.docker('service', 'rm', 'refused');
    expect(await swarmLinks(third)).not.toContain(third.kernelNames.tunnel);
    const kept = await readFile(join(third.folder, 'data/node.db'));
    const wal = await readFile(join(third.folder, 'data/node.db-wal'));
    for (const node of [first, second]) {
      const key = await wg(node, 'public-key');
      expect(kept.includes(key) || wal.includes(key)).toBe(false);
    }
    // The file is the right one: what the node was told of its own network is in it.
    expect(kept.includes('shown') || wal.includes('shown')).toBe(true);
    const shown = await third.docker(['network', 'inspect', 'secret']);
    expect(shown.code).not.toBe(0);
  });

  it('lets nobody reach the nodes’ own services by the tunnel', async () => {
    const address = (
      await second.machine.must('ip', ['-6', '-o', 'addr', 'show', 'dev', second.kernelNames.tunnel])
    ).split(/\s+/)[3]!;
    const { code } = await first.machine.run('ping', ['-6', '-c', '1', '-W', '1', address.split('/')[0]!]);
    expect(code).not.toBe(0);
  });

  it('changes keys without losing a packet', async () => {
    const [from, to] = [at('hidden', first), at('hidden', second)];
    const keys = () =>
      Promise.all([first, second].map(async (node) => (await wg(node, 'preshared-keys')).split('\t')[1]));
    const [known, same] = await keys();
    expect(same).toBe(known);
    const pinged = from.node.inSandbox(from.id, 'ping', ['-q', '-i', '0.01', '-c', '300', '-W', '2', to.address]);
    for (let round = 0; round < 3; round++) {
      const last = (await keys())[0];
      await first.must(['network', 'rotate-keys']);
      await waitFor(
        async () => {
          const [mine, other] = await keys();
          return mine === other && mine !== last;
        },
        { ms: 10_000, every: 50, what: 'both nodes have another key' },
      );
    }
    expect(await pinged).toContain('300 packets transmitted, 300 received, 0% packet loss');
  });

  it('goes on while agents are away, and mends itself when WireGuard was killed; nothing goes out in clear meanwhile', async () => {
    const [from, to] = [at('hidden', first), at('hidden', second)];
    await first.stop('SIGKILL');
    await ping(from, to.address);
    const seen = await captured(world.outside.path, 'port1', async () => {
      const [go] = await userspace(first);
      // A kernel with WireGuard has no process to lose.
      if (go) process.kill(go.pid, 'SIGKILL');
      await ping(from, to.address, '-c', '2').catch(() => undefined);
      await first.start();
      const reached = async () =>
        (await ping(from, to.address).catch(() => '')).includes('3 packets transmitted, 3 received');
      await waitFor(reached, { ms: 30_000, every: 200, what: 'the tunnel is back' });
    });
    expect(seen.countOf(MARK.repeat(8))).toBe(0);
  });

  it('leaves nothing behind', async () => {
    await swarm.docker('service', 'rm', 'hidden', 'shown');
    await swarm.docker('network', 'rm', 'secret', 'open');
    for (const [index, node] of world.nodes.entries()) {
      const asBefore = async () => JSON.stringify(await swarmLinks(node)) === JSON.stringify(before[index]);
      await waitFor(asBefore, { ms: 20_000, every: 200, what: 'the links are as before' });
      const gone = async () => (await userspace(node)).length === 0;
      await waitFor(gone, { ms: 5_000, every: 100, what: 'wireguard-go ends' });
    }
  });
});

async function swarmLinks({ machine, kernelNames }: TestNode): Promise<string[]> {
  const links = JSON.parse(await machine.must('ip', ['-j', 'link'])) as { ifname: string }[];
  return links
    .map(({ ifname }) => ifname)
    .filter((name) => name.startsWith(kernelNames.linkPrefix))
    .sort();
}

async function userspace({ folder }: TestNode) {
  return (await processesOf(folder)).filter(({ command }) => command.startsWith('wireguard-go'));
}
