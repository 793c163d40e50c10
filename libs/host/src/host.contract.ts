import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Forwarding, Host } from './host.js';

/** What the suite needs beside the host itself. */
export interface HostFixture {
  host: Host;
  /** a process that lives until `end` */
  process(): { pid: number; end(): void };
  close(): void;
}

const NS = `skep-contract-${process.pid}`;
const PAIR = [
  ['link', 'add', 'name', 'skbr0', 'type', 'bridge'],
  ['addr', 'add', '10.123.0.1/24', 'dev', 'skbr0'],
  ['link', 'set', 'dev', 'skbr0', 'up'],
  'link add name skv0 mtu 1400 type veth peer name eth0 address 02:00:00:00:00:07 mtu 1400'
    .split(' ')
    .concat('netns', NS),
  ['link', 'set', 'dev', 'skv0', 'master', 'skbr0', 'up'],
];

/** The behaviour that the real kernel and the fake share. The host starts in a namespace with nothing but its loopback. */
export function hostContract(name: string, open: () => HostFixture): void {
  describe(`${name} host`, () => {
    let at: HostFixture;
    let host: Host;
    const link = (wanted: string, netns?: string) => host.links(netns).find((each) => each.name === wanted);
    const refusal = (work: Promise<unknown>) =>
      work.then(
        () => expect.unreachable('it should have been refused'),
        (error: Error & { code: string }) => ({ code: error.code, message: error.message }),
      );

    beforeEach(() => {
      at = open();
      host = at.host;
    });
    afterEach(async () => {
      await host.removeNetns(NS);
      at.close();
    });

    it('starts with its loopback alone', () => {
      expect(host.links()).toEqual([
        {
          index: 1,
          name: 'lo',
          kind: '',
          up: true,
          mac: '00:00:00:00:00:00',
          mtu: 65536,
          addresses: ['127.0.0.1/8', '::1/128'],
        },
      ]);
    });

    it('makes, lists and removes namespaces, and says so again without a fault', async () => {
      await host.createNetns(NS);
      await host.createNetns(NS);
      expect(host.listNetns('skep-contract-')).toContain(NS);
      expect(host.links(NS)[0]).toMatchObject({ name: 'lo', up: true });
      await host.removeNetns(NS);
      await host.removeNetns(NS);
      expect(host.listNetns('skep-contract-')).not.toContain(NS);
      expect(() => host.links(NS)).toThrow(`/run/netns/${NS} is no network namespace`);
    });

    it('announces a link, and is silent where there is none', async () => {
      host.announce('eth0', NS);
      await host.createNetns(NS);
      host.announce('eth0', NS);
      await host.ip(PAIR);
      host.announce('eth0', NS);
      host.announce('skv0');
    });

    it.each(['', '../up', 'a/b', '-x', 'a b'])('refuses the namespace name %j', async (wrong) => {
      expect((await refusal(host.createNetns(wrong))).code).toBe('invalid');
    });

    it('makes a folder for what no disk is to hold, which goes once it is empty', () => {
      const above = mkdtempSync(join(tmpdir(), 'skep-contract-'));
      const path = join(above, 'secrets');
      host.ensureMemoryFolder(path, 1);
      writeFileSync(join(path, 'one'), 'content');
      host.ensureMemoryFolder(path, 1);
      host.removeMemoryFolder(path);
      expect(readFileSync(join(path, 'one'), 'utf8')).toBe('content');
      rmSync(join(path, 'one'));
      host.removeMemoryFolder(path);
      host.removeMemoryFolder(path);
      rmdirSync(above);
    });

    it('makes a bridge and a veth pair into a namespace', async () => {
      await host.createNetns(NS);
      await host.ip(PAIR);
      await host.ip(
        [
          ['addr', 'add', '10.123.0.2/24', 'dev', 'eth0'],
          ['link', 'set', 'dev', 'eth0', 'up'],
          ['route', 'add', 'default', 'via', '10.123.0.1', 'dev', 'eth0'],
        ],
        NS,
      );
      const bridge = link('skbr0');
      expect(bridge).toMatchObject({ kind: 'bridge', up: true });
      expect(bridge?.addresses).toContain('10.123.0.1/24');
      expect(link('skv0')).toMatchObject({ kind: 'veth', up: true, master: 'skbr0', mtu: 1400 });
      expect(link('eth0', NS)).toMatchObject({ kind: 'veth', up: true, mac: '02:00:00:00:00:07', mtu: 1400 });
      expect(host.routes()).toContainEqual({ destination: '10.123.0.0/24', link: 'skbr0' });
      const routes = host.routes(NS).filter((each) => !each.destination.startsWith('fe80'));
      expect(host.inside(NS)).toEqual({ links: host.links(NS), routes: host.routes(NS) });
      expect(routes).toHaveLength(2);
      expect(routes).toContainEqual({ destination: '0.0.0.0/0', gateway: '10.123.0.1', link: 'eth0' });
      expect(routes).toContainEqual({ destination: '10.123.0.0/24', link: 'eth0' });
    });

    it('makes a macvlan into a namespace, which goes with the link below it', async () => {
      await host.createNetns(NS);
      const lower = 'link add name skup0 type veth peer name skup1'.split(' ');
      const upper = 'link add link skup0 name eth0 address 02:00:00:00:00:08'.split(' ');
      await host.ip([lower, [...upper, 'netns', NS, 'type', 'macvlan', 'mode', 'bridge']]);
      expect(link('eth0', NS)).toMatchObject({
        kind: 'macvlan',
        mac: '02:00:00:00:00:08',
        parent: link('skup0')?.index,
      });
      expect(link('skup0')?.parent).toBe(link('skup1')?.index);
      await host.ip([['link', 'del', 'dev', 'skup0']]);
      expect(link('eth0', NS)).toBeUndefined();
    });

    it('tells the source of a route where one was chosen', async () => {
      await host.ip([
        ...PAIR.slice(0, 3),
        ['route', 'add', '10.124.0.0/24', 'dev', 'skbr0', 'src', '10.123.0.1'],
        ['route', 'add', '10.125.0.0/24', 'dev', 'skbr0'],
      ]);
      const [chosen, plain] = ['10.124.0.0/24', '10.125.0.0/24'].map((destination) =>
        host.routes().find((each) => each.destination === destination),
      );
      expect(chosen).toEqual({ destination: '10.124.0.0/24', link: 'skbr0', source: '10.123.0.1' });
      expect(plain).toEqual({ destination: '10.125.0.0/24', link: 'skbr0' });
    });

    it('keeps programs on a link until they are taken off, or the link goes', async () => {
      await host.ip([['link', 'add', 'name', 'skbr0', 'type', 'bridge']]);
      // mov r0, -1; exit: everything goes on.
      const pass = Buffer.from('b7000000ffffffff9500000000000000', 'hex');
      host.attachProgram('skbr0', 'ingress', 'sk_one', pass);
      host.attachProgram('skbr0', 'ingress', 'sk_one', pass);
      host.attachProgram('skbr0', 'egress', 'sk_two', pass);
      expect([host.programs('skbr0', 'ingress'), host.programs('skbr0', 'egress')]).toEqual([['sk_one'], ['sk_two']]);
      host.detachProgram('skbr0', 'ingress', 'sk_one');
      host.detachProgram('skbr0', 'ingress', 'sk_one');
      host.detachProgram('sknone', 'ingress', 'sk_one');
      expect(host.programs('skbr0', 'ingress')).toEqual([]);
      expect(host.programs('sknone', 'ingress')).toEqual([]);
      expect(() => host.attachProgram('sknone', 'ingress', 'sk_one', pass)).toThrow('there is no link sknone');
    });

    it('keeps what a link was told about where frames go', async () => {
      await host.ip([
        ['link', 'add', 'name', 'skbr0', 'type', 'bridge'],
        'link add name skvx0 type vxlan id 4097 local 192.0.2.1 dstport 4789 nolearning proxy'.split(' '),
        ['link', 'set', 'dev', 'skvx0', 'master', 'skbr0', 'up'],
      ]);
      const mac = '02:00:00:00:00:07';
      const entries = (to: string): Forwarding[] => [
        { table: 'tunnel', mac, to },
        { table: 'bridge', mac },
        { table: 'neighbour', mac, to: '10.0.1.7' },
        { table: 'neighbour', mac, to: 'fd00:1::7' },
      ];
      const told = () =>
        host
          .forwarding('skvx0')
          .map((entry) => JSON.stringify(entry))
          .sort();
      const sorted = (all: Forwarding[]) => all.map((entry) => JSON.stringify(entry)).sort();
      expect(told()).toEqual([]);
      await host.forward('skvx0', { remove: [], put: entries('192.0.2.2') });
      expect(told()).toEqual(sorted(entries('192.0.2.2')));
      await host.forward('skvx0', { remove: [], put: entries('192.0.2.3') });
      expect(told()).toEqual(sorted(entries('192.0.2.3')));
      expect(host.forwarding('skbr0')).toEqual([]);
      await host.forward('skvx0', { remove: entries('192.0.2.3'), put: [] });
      expect(told()).toEqual([]);
      expect(host.forwarding('sknone')).toEqual([]);
    });

    it('tells of entries that went or changed, and of which link', async () => {
      await host.ip([
        ['link', 'add', 'name', 'skbr0', 'type', 'bridge'],
        'link add name skvx0 type vxlan id 4097 local 192.0.2.1 dstport 4789 nolearning proxy'.split(' '),
        ['link', 'set', 'dev', 'skvx0', 'master', 'skbr0', 'up'],
      ]);
      const all: Forwarding[] = [
        { table: 'tunnel', mac: '02:00:00:00:00:07', to: '192.0.2.2' },
        { table: 'bridge', mac: '02:00:00:00:00:07' },
        { table: 'neighbour', mac: '02:00:00:00:00:07', to: '10.0.1.7' },
      ];
      await host.forward('skvx0', { remove: [], put: all });
      let heard = 0;
      const stop = host.onForwardingChange((links) => {
        if (links?.has('skvx0')) heard++;
      });
      for (const entry of all) {
        const before = heard;
        await host.forward('skvx0', { remove: [entry], put: [] });
        await waitFor(() => heard > before, { ms: 2000, what: `the end of ${JSON.stringify(entry)} is told` });
      }
      stop();
      const before = heard;
      await host.forward('skvx0', { remove: [], put: all });
      await new Promise(setImmediate);
      expect(heard).toBe(before);
    });

    it('refuses a macvlan on a port of a bridge', async () => {
      await host.ip([
        ['link', 'add', 'name', 'skbr0', 'type', 'bridge'],
        'link add name skup0 type veth peer name skup1'.split(' '),
        ['link', 'set', 'dev', 'skup0', 'master', 'skbr0'],
      ]);
      const { code, message } = await refusal(
        host.ip(['link add link skup0 name skmv0 type macvlan mode bridge'.split(' ')]),
      );
      expect(code).toBe('conflict');
      expect(message).toContain('Device or resource busy');
    });

    it('handles IPv6 addresses and routes', async () => {
      await host.ip([
        ['link', 'add', 'name', 'skbr0', 'type', 'bridge'],
        ['link', 'set', 'dev', 'skbr0', 'up'],
        ['addr', 'replace', 'fd00:7::1/64', 'dev', 'skbr0', 'nodad'],
        ['route', 'add', 'default', 'via', 'fd00:7::2', 'dev', 'skbr0'],
      ]);
      expect(link('skbr0')?.addresses).toContain('fd00:7::1/64');
      expect(host.routes()).toContainEqual({ destination: '::/0', gateway: 'fd00:7::2', link: 'skbr0' });
      expect(host.routes()).toContainEqual({ destination: 'fd00:7::/64', link: 'skbr0' });
    });

    it('takes both ends of a veth away with one of them, and with its namespace', async () => {
      await host.createNetns(NS);
      await host.ip(PAIR);
      await host.ip([['link', 'del', 'dev', 'skv0']]);
      expect(link('eth0', NS)).toBeUndefined();
      await host.ip(PAIR.slice(3));
      await host.removeNetns(NS);
      await waitFor(() => link('skv0') === undefined, { ms: 2000, what: 'the veth is gone with the namespace' });
    });

    it('stops at the first line that fails and names it', async () => {
      const lines = [
        PAIR[0]!,
        ['link', 'set', 'dev', 'sknone', 'up'],
        ['link', 'add', 'name', 'sklate', 'type', 'bridge'],
      ];
      const { code, message } = await refusal(host.ip(lines));
      expect(code).toBe('not_found');
      expect(message).toBe('ip link set dev sknone up: Cannot find device "sknone"');
      expect(link('skbr0')).toBeDefined();
      expect(link('sklate')).toBeUndefined();
      expect(await refusal(host.ip([PAIR[0]!]))).toEqual({
        code: 'conflict',
        message: 'ip link add name skbr0 type bridge: RTNETLINK answers: File exists',
      });
    });

    it('runs lines of tc, and names the one that fails', async () => {
      await host.ip(['link add name skt0 type veth peer name skt1'.split(' ')]);
      await host.tc(['qdisc add dev skt0 clsact'.split(' ')]);
      const { code, message } = await refusal(host.tc(['qdisc add dev sknone clsact'.split(' ')]));
      expect([code, message]).toEqual(['not_found', 'tc qdisc add dev sknone clsact: Cannot find device "sknone"']);
    });

    it.each(['', 'a b', 'a\nlink', 'a"b', '#x', 'a\\'])(
      'refuses the argument %j before anything runs',
      async (wrong) => {
        const { code } = await refusal(host.ip([PAIR[0]!, ['link', 'set', 'dev', wrong, 'up']]));
        expect(code).toBe('invalid');
        expect(link('skbr0')).toBeUndefined();
      },
    );

    it('writes sysctls, here and in a namespace', async () => {
      await host.createNetns(NS);
      host.sysctl('net/ipv4/ip_forward', '1');
      host.sysctl('net/ipv4/conf/lo/route_localnet', '1', { netns: NS });
      expect(host.readSysctl('net/ipv4/ip_forward')).toBe('1');
      expect(host.readSysctl('net/ipv4/conf/lo/route_localnet', NS)).toBe('1');
      expect(host.readSysctl('net/ipv4/conf/lo/route_localnet')).toBe('0');
      expect(host.readSysctl('net/ipv4/conf/sknone/route_localnet')).toBeUndefined();
      host.sysctl('net/none/such', '1', { optional: true });
      expect(() => host.sysctl('net/none/such', '1')).toThrow(/net\/none\/such = 1: this kernel does not have it/);
      expect(() => host.sysctl('net/../../x', '1', { optional: true })).toThrow(/sysctl path/);
      expect(() => host.sysctl('net/ipv4/ip_forward', '1', { netns: 'skep-none', optional: true })).toThrow(
        /no network/,
      );
    });

    it('keeps nft tables: all of a text or none of it', () => {
      expect(host.nftTable('inet', 'skep_t')).toBeUndefined();
      const text =
        'add table inet skep_t\ndelete table inet skep_t\ntable inet skep_t {\n chain a {\n  accept\n }\n}\n';
      host.nft(text);
      const listed = host.nftTable('inet', 'skep_t');
      expect(listed?.[0]).toEqual({ table: { family: 'inet', name: 'skep_t' } });
      host.nft(text);
      expect(host.nftTable('inet', 'skep_t')).toEqual(listed);
      expect(() => host.nft('delete table inet skep_t\ndelete table inet skep_none')).toThrow(/skep_none/);
      expect(host.nftTable('inet', 'skep_t')).toEqual(listed);
      expect(() => host.nft('table inet skep_t {')).toThrow(/syntax error/);
      host.nft('delete table inet skep_t');
      expect(host.nftTable('inet', 'skep_t')).toBeUndefined();
    });

    it('keeps the tables of each namespace apart, and lets it go', async () => {
      await host.createNetns(NS);
      host.nft('add table inet skep_t', NS);
      expect(host.nftTable('inet', 'skep_t', NS)).toEqual([{ table: { family: 'inet', name: 'skep_t' } }]);
      expect(host.nftTable('inet', 'skep_t')).toBeUndefined();
      await host.removeNetns(NS);
      expect(() => host.nft('add table inet skep_t', NS)).toThrow(/no network namespace/);
      await host.createNetns(NS);
      expect(host.nftTable('inet', 'skep_t', NS)).toBeUndefined();
    });

    it('tells the end of a process once, also of one that is gone already', async () => {
      const child = at.process();
      let ends = 0;
      let unheard = 0;
      host.onExit(child.pid, () => ends++);
      const stop = host.onExit(child.pid, () => unheard++);
      stop();
      stop();
      child.end();
      await waitFor(() => ends === 1, { ms: 2000, what: 'the end is told' });
      await goneProcess(host, child.pid);
      expect([ends, unheard]).toEqual([1, 0]);
    });

    it('tells of changes in a namespace that was read, and reads it anew', async () => {
      await host.createNetns(NS);
      await host.ip(PAIR);
      let heard = 0;
      const stop = host.onLinkChange(() => heard++);
      expect(link('eth0', NS)).toMatchObject({ up: false, addresses: [] });
      await host.ip([['addr', 'add', '10.123.0.2/24', 'dev', 'eth0']], NS);
      expect(link('eth0', NS)?.addresses).toEqual(['10.123.0.2/24']);
      await waitFor(() => heard > 0, { ms: 2000, what: 'a new address inside is told' });
      const route = 'route add default via 10.123.0.1 dev eth0 proto 83'.split(' ');
      await host.ip([['link', 'set', 'dev', 'eth0', 'up'], route], NS);
      const made = { destination: '0.0.0.0/0', gateway: '10.123.0.1', link: 'eth0', maker: 83 };
      expect(host.routes(NS)).toContainEqual(made);
      await host.removeNetns(NS);
      expect(() => host.links(NS)).toThrow('is no network namespace');
      await host.createNetns(NS);
      expect(host.links(NS).map(({ name }) => name)).toEqual(['lo']);
      stop();
    });

    it('tells of changes, together, until it is stopped', async () => {
      let heard = 0;
      const stop = host.onLinkChange(() => heard++);
      await host.ip(PAIR.slice(0, 3));
      await waitFor(() => heard > 0, { ms: 2000, what: 'a change is told' });
      stop();
      const before = heard;
      expect(before).toBeLessThan(4);
      let other = 0;
      host.onLinkChange(() => other++);
      await host.ip([['link', 'del', 'dev', 'skbr0']]);
      await waitFor(() => other > 0, { ms: 2000, what: 'a change is told to the other listener' });
      expect(heard).toBe(before);
    });
  });
}

/** Its pid may be a zombie's for a moment, which still counts as ended. */
async function goneProcess(host: Host, pid: number): Promise<void> {
  await new Promise<void>((resolve) => host.onExit(pid, resolve));
}

/** A real process for the suite. */
export function sleeper(): { pid: number; end(): void } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  return { pid: child.pid!, end: () => child.kill('SIGKILL') };
}
