import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Network } from '#lib/domain';
import type { EndpointOf } from '../driver.js';
import { Lab } from '../testing/lab.js';
import { SegmentNode } from '../testing/segment-node.js';

const STALE = '02:00:00:00:de:ad';

/** Somebody remembers who had an address before, and is put right by the one who has it now without asking. */
describe.each(['nat', 'transparent', 'l2bridge', 'l2tunnel'] as const)('an endpoint of %s that starts', (driver) => {
  let lab: Lab;
  let node: SegmentNode;
  let lan: Network;
  const made: EndpointOf[] = [];
  const ns = (at: EndpointOf) => node.names.netns(at.container.id);

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['out']);
    const hairpin = ['type', 'bridge_slave', 'hairpin', driver === 'l2tunnel' ? 'on' : 'off'];
    await lab.host.ip([['link', 'set', 'dev', 'node', ...hairpin]], lab.netns('wire'));
    node = new SegmentNode(lab.host, driver, driver === 'nat' ? undefined : 'up0');
    const pools = [
      { subnet: '172.30.0.0/24', gateway: '172.30.0.1' },
      { subnet: 'fd00:30::/64', gateway: 'fd00:30::1' },
    ];
    lan = await node.network(driver === 'nat' ? { pools } : {});
  });
  afterAll(async () => {
    await node.remove(made);
    await lab.close();
  });

  const start = async (name: string, last: number) => {
    const at = await node.endpoint(lan, name, last);
    made.push(at);
    return at;
  };
  const lasting = (address: string, netns: string) =>
    lab.run(netns, ['ip', 'neigh', 'replace', address, 'lladdr', STALE, 'dev', 'eth0', 'nud', 'reachable']);
  const known = (netns: string) => lab.run(netns, ['ip', 'neigh', 'show', 'dev', 'eth0']).out;

  it('corrects stale neighbours at once, by IPv4 and IPv6, in each container that has the address', async () => {
    const others = driver === 'nat' ? [ns(await start('peer', 30))] : [lab.netns('out')];
    if (driver !== 'nat') others.push(ns(await start('peer', 30)));
    const [v4, v6] = driver === 'nat' ? ['172.30.0.20', 'fd00:30::20'] : ['192.0.2.20', '2001:db8::20'];
    for (const name of ['first', 'second']) {
      for (const netns of others) for (const address of [v4, v6]) lasting(address, netns);
      const at = await start(name, 20);
      const uplink = lab.host.links().find((link) => link.name === 'up0')!.mac;
      for (const [n, netns] of others.entries()) {
        // The node's MAC stands for the container's wherever the frame has left the node.
        const translated = driver === 'l2tunnel' || (driver === 'l2bridge' && n === 0);
        const mac = translated ? uplink : at.endpoint.mac;
        const right = () => [v4, v6].every((address) => known(netns).includes(`${address} lladdr ${mac}`));
        await waitFor(right, { ms: 5000, every: 20, what: `${name} has told ${netns} of ${mac}: ${known(netns)}` });
      }
      await node.removeEndpoint(at);
      made.splice(made.indexOf(at), 1);
    }
  });

  it('says it again to those who missed it', async () => {
    const other = driver === 'nat' ? ns(await start('last', 31)) : lab.netns('out');
    const address = driver === 'nat' ? '0xac1e0015' : '0xc0000215'; // .21
    const folder = mkdtempSync(join(tmpdir(), 'skep-announced-'));
    const file = join(folder, 'frames.pcap');
    // Ends with the second announcement: sender and target are the same.
    const twice = ['-c', '2', `arp[6:2] == 1 and arp[14:4] == ${address} and arp[24:4] == ${address}`];
    const ear = lab.start(other, ['tcpdump', '-i', 'eth0', '--immediate-mode', '-U', '-w', file, ...twice]);
    try {
      await waitFor(() => existsSync(file) && readFileSync(file).length >= 24, { ms: 10_000, what: 'tcpdump listens' });
      const ended = once(ear, 'exit');
      await start('third', 21);
      await ended;
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
