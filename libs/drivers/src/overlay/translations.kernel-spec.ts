import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import type { Translation } from '#lib/domain';
import { createHost, type Host } from '#lib/host';
import { strayBehind } from '../conversations.js';
import { FOREIGN, spokenTo, translationRules, translationsIn } from './translations.js';

const TABLE = 'skep_virt';
const SERVERS = ['10.9.0.6', '10.9.0.7', '10.9.0.8'];

/** Answers each connection, each line of one that stays (81) and each datagram with the address it came to and the one it came from. */
const SERVER = `
const said = (local, remote) => local.replace('::ffff:', '') + ' ' + remote.replace('::ffff:', '') + ' ';
require('node:net').createServer((s) => s.on('error', () => {}).end(said(s.localAddress, s.remoteAddress))).listen(80, '::');
require('node:net').createServer((s) => s.on('error', () => {}).on('data', () => s.write(said(s.localAddress, s.remoteAddress)))).listen(81, '::');
for (const address of process.argv.slice(1)) {
  const socket = require('node:dgram').createSocket('udp4');
  socket.bind(53, address).on('message', (_, from) => socket.send(said(address, from.address), from.port, from.address));
}
setTimeout(() => console.log('ready'), 200);
`;

/**
 * Sends requests one after another, by new connections or by one that is kept: `count` of them, or all the time until its
 * standard input ends. A line for each answer or error, as it comes; the last one says how often it asked.
 */
const CLIENT = `
const [how, address, count] = process.argv.slice(1);
let open = count === 'open';
if (open) process.stdin.resume().on('end', () => (open = false));
const tcp = () => new Promise((done) => {
  let text = '';
  const socket = require('node:net').connect(80, address);
  socket.on('data', (part) => (text += part)).on('error', (e) => done(e.code)).on('end', () => done(text.trim()));
});
const udp = (socket) => new Promise((answered) => {
  const send = () => socket.send('?', (e) => e && done(e.code));
  // What is on its way while the conversation is ended may be lost.
  const again = setInterval(send, 200);
  const done = (said) => answered(said, clearInterval(again));
  socket.removeAllListeners().on('message', (text) => done(String(text).trim())).on('error', (e) => done(e.code));
  send();
});
const kept = (socket) => new Promise((done) => {
  socket.removeAllListeners().on('data', (text) => done(String(text).trim())).on('error', (e) => done(e.code));
  socket.write('?');
});
(async () => {
  let socket;
  let asked = 0;
  for (; open || asked < Number(count); asked++) {
    if (how === 'tcp') console.log(await tcp());
    else if (how === 'tcp-kept') {
      if (!socket) await new Promise((done) => (socket = require('node:net').connect(81, address, done)));
      console.log(await kept(socket));
    } else {
      if (how === 'udp' || !socket) {
        socket = require('node:dgram').createSocket('udp4');
        await new Promise((done) => socket.connect(53, address, done));
      }
      console.log(await udp(socket));
      if (how === 'udp') socket.close();
    }
  }
  process.stdout.write('asked ' + asked + '\\n', () => process.exit());
})();
`;

describe('virtual addresses in a namespace', () => {
  const tag = newId().slice(0, 6);
  const CALLER = `skep-vc${tag}`;
  const OTHER = `skep-vo${tag}`;
  let host: Host;
  const children: ChildProcess[] = [];
  const inside = (netns: string, script: string, ...args: string[]) => {
    const child = spawn('nsenter', [`--net=/run/netns/${netns}`, process.execPath, '-e', script, ...args]);
    children.push(child);
    return child;
  };
  function asking(how: string, address: string, count: number | 'open') {
    const client = inside(CALLER, CLIENT, how, address, String(count));
    const answers: string[] = [];
    createInterface({ input: client.stdout }).on('line', (line) => answers.push(line));
    const closed = once(client, 'close');
    /** Ends it where it has an open end; all that it was answered, and nothing is missing. */
    const end = async () => {
      client.stdin.end();
      await closed;
      expect(answers.pop()).toBe(`asked ${answers.length}`);
      return answers;
    };
    return { answers, end };
  }
  const ask = (how: 'tcp' | 'udp', address: string, count: number) => asking(how, address, count).end();
  const there = () => translationsIn(host.nftTable('inet', TABLE, CALLER));
  const make = (want: Translation[], have = there()) => host.nft(translationRules(`inet ${TABLE}`, have, want), CALLER);

  beforeAll(async () => {
    host = createHost();
    for (const netns of [CALLER, OTHER]) await host.createNetns(netns);
    const [a, b] = [`vca${tag}`, `vcb${tag}`];
    await host.ip([
      ['link', 'add', 'name', a, 'type', 'veth', 'peer', 'name', b],
      ['link', 'set', 'dev', a, 'netns', CALLER],
      ['link', 'set', 'dev', b, 'netns', OTHER],
    ]);
    const up = (link: string, addresses: string[]) => [
      ...addresses.map((each) => ['addr', 'add', each, 'dev', link, ...(each.includes(':') ? ['nodad'] : [])]),
      ['link', 'set', 'dev', link, 'up'],
    ];
    await host.ip(up(a, ['10.9.0.5/24', 'fd09::5/64']), CALLER);
    await host.ip(up(b, [...SERVERS.map((each) => `${each}/24`), 'fd09::6/64']), OTHER);
    for (const child of [inside(OTHER, SERVER, ...SERVERS), inside(CALLER, SERVER, '10.9.0.5')]) {
      await once(child.stdout!, 'data');
    }
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const netns of [CALLER, OTHER]) await host.removeNetns(netns);
    host.close();
  });

  it('lead each connection to the next target, and the target sees who called', async () => {
    make([{ address: '10.9.0.2', to: SERVERS }]);
    expect(there()).toEqual([{ address: '10.9.0.2', to: SERVERS }]);
    const turns = [...SERVERS, ...SERVERS].map((server) => `${server} 10.9.0.5`);
    expect(await ask('tcp', '10.9.0.2', 6)).toEqual(turns);
    // The turns of datagrams are those of the same chain, which has given two rounds.
    expect(await ask('udp', '10.9.0.2', 6)).toEqual(turns);
  });

  it('answer ping, lead a container to itself, and know IPv6', async () => {
    make([
      { address: '10.9.0.2', to: ['10.9.0.5'] },
      { address: 'fd09::2', to: ['fd09::6'] },
    ]);
    expect(await ask('tcp', '10.9.0.2', 1)).toEqual(['10.9.0.5 10.9.0.5']);
    expect(await ask('tcp', 'fd09::2', 2)).toEqual(['fd09::6 fd09::5', 'fd09::6 fd09::5']);
    const ping = inside(
      CALLER,
      `require('node:child_process').execFileSync('ping', ['-c', '1', '-W', '2', '10.9.0.2'])`,
    );
    expect(await once(ping, 'close')).toEqual([0, null]);
  });

  it('refuse at once where nobody answers', async () => {
    make([{ address: '10.9.0.2', to: [] }]);
    expect(there()).toEqual([{ address: '10.9.0.2', to: [] }]);
    const before = Date.now();
    expect(await ask('tcp', '10.9.0.2', 1)).toEqual(['ECONNREFUSED']);
    expect((await ask('udp', '10.9.0.2', 1))[0]).toMatch(/ECONNREFUSED|EPERM/);
    expect(Date.now() - before).toBeLessThan(2_000);
  });

  it.each([
    ['tcp-kept', 'keep a connection with the target that it has'],
    ['udp-kept', 'lead a conversation by UDP to another target at once'],
  ])('%s: %s, when that one gets no new ones', async (how) => {
    make([{ address: '10.9.0.2', to: [SERVERS[0]!] }]);
    const client = asking(how, '10.9.0.2', 'open');
    const answered = (count: number) =>
      waitFor(() => client.answers.length >= count, { ms: 20_000, what: `${count} answers` });
    await answered(1);
    const [have, want] = SERVERS.map((each) => [{ address: '10.9.0.2', to: [each] }]);
    make(want!);
    const spoken = spokenTo(host.nftTable('inet', TABLE, CALLER));
    await host.endConversations(strayBehind(have!, want!)!, CALLER);
    expect(await ask('tcp', '10.9.0.2', 1)).toEqual([`${SERVERS[1]} 10.9.0.5`]);
    await answered(client.answers.length + 2_000);
    const all = await client.end();
    const by = SERVERS.slice(0, 2).map((server) => all.filter((each) => each === `${server} 10.9.0.5`).length);
    const [first, second] = by as [number, number];
    expect(first + second).toBe(all.length);
    expect(first).toBeGreaterThan(0);
    if (how === 'tcp-kept') expect(second).toBe(0);
    else expect([all.indexOf(`${SERVERS[1]} 10.9.0.5`), second > 0, [...spoken]]).toEqual([first, true, ['10.9.0.2']]);
  });

  it('lose no connection while they change all the time', async () => {
    const client = asking('tcp', '10.9.0.2', 'open');
    let changes = 0;
    let have = there();
    const change = () => {
      const want = [{ address: '10.9.0.2', to: changes % 2 ? SERVERS : SERVERS.slice(1) }];
      make(want, have);
      have = want;
      changes += 1;
      return changes > 100 && client.answers.length >= 1_500;
    };
    await waitFor(change, { ms: 100_000, every: 0, what: '1500 connections, and 100 changes meanwhile' });
    expect((await client.end()).filter((each) => !each.endsWith(' 10.9.0.5'))).toEqual([]);
  }, 120_000);

  it('do not end an idle connection: conntrack keeps it for days', () => {
    expect(Number(host.readSysctl('net/netfilter/nf_conntrack_tcp_timeout_established', CALLER))).toBeGreaterThan(
      24 * 3600,
    );
  });

  it('are put right when somebody changed them, and go', () => {
    host.nft(`flush chain inet ${TABLE} to_10.9.0.2`, CALLER);
    expect(there()).toEqual([{ address: '10.9.0.2', to: ['?'] }]);
    make([{ address: '10.9.0.2', to: SERVERS }]);
    expect(there()).toEqual([{ address: '10.9.0.2', to: SERVERS }]);
    make([]);
    expect(there()).toBeUndefined();
  });

  it.each([
    `add map inet ${TABLE} x { type inet_service : verdict; elements = { 80 : accept } }`,
    `add map inet ${TABLE} virtual4 { type inet_service : verdict; elements = { 80 : accept } }`,
    `add map inet ${TABLE} virtual4 { type ipv4_addr : verdict; flags interval; elements = { 10.9.0.0/24 : drop } }`,
    `add set inet ${TABLE} spoken4 { type inet_service; elements = { 80 } }`,
  ])('are put into a table that somebody began: %s', (begun) => {
    host.nft(`add table inet ${TABLE}\n${begun}`, CALLER);
    expect([...spokenTo(host.nftTable('inet', TABLE, CALLER))]).toEqual([]);
    const want = [{ address: '10.9.0.2', to: SERVERS }];
    expect(there()).not.toEqual(want);
    make(want, FOREIGN);
    expect(there()).toEqual(want);
    make([], FOREIGN);
    expect(there()).toBeUndefined();
  });
});
