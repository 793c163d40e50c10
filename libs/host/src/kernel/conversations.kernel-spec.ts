import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../host.js';
import { createHost } from './kernel-host.js';
import { enterNewNetns } from './netns.js';

const NETNS = `skep-conversations-${process.pid}`;
const FAMILIES = [
  { n: 4, ip: 'ip', stands: '10.9.0.1', servers: ['10.9.0.6', '10.9.0.7'], own: '10.9.0.5' },
  { n: 6, ip: 'ip6', stands: 'fd09::1', servers: ['fd09::6', 'fd09::7'], own: 'fd09::5' },
] as const;

describe('conversations that connection tracking follows', () => {
  const host = createHost();
  const sockets: Socket[] = [];
  let leave: () => void;

  const open = async (n: 4 | 6, address: string, port = 0) => {
    const socket = createSocket(n === 4 ? 'udp4' : 'udp6');
    sockets.push(socket);
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  };
  const ask = async (client: Socket, address: string) => {
    client.send('?', 53, address);
    const [text] = (await once(client, 'message', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return String(text);
  };
  const lead = ({ ip, stands }: (typeof FAMILIES)[number], to: string) =>
    host.nft(
      `add table inet skep_c\nadd chain inet skep_c ${ip}_out { type nat hook output priority -100; }\n` +
        `flush chain inet skep_c ${ip}_out\nadd rule inet skep_c ${ip}_out ${ip} daddr ${stands} dnat ${ip} to ${to}\n`,
    );

  beforeAll(async () => {
    leave = enterNewNetns();
    const all = FAMILIES.flatMap(({ n, servers, own }) =>
      [...servers, own].map((each) => [
        'addr',
        'replace',
        `${each}/${n === 4 ? 24 : 64}`,
        'dev',
        'lo',
        ...(n === 6 ? ['nodad'] : []),
      ]),
    );
    await host.ip(all);
    for (const { n, servers } of FAMILIES) {
      for (const address of servers) {
        const server = await open(n, address, 53);
        server.on('message', (_, from) => server.send(address, from.port, from.address));
      }
    }
  });
  afterAll(async () => {
    for (const each of sockets) each.close();
    await host.removeNetns(NETNS);
    host.close();
    leave();
  });

  it.each(FAMILIES)('go on with whom they began, until they are ended: IPv$n', async (family) => {
    const { n, stands, servers, own } = family;
    const [first, second] = servers;
    lead(family, first);
    const [one, other] = [await open(n, own), await open(n, own)];
    expect([await ask(one, stands), await ask(other, stands)]).toEqual([first, first]);
    lead(family, second);
    expect(await ask(one, stands)).toBe(first);

    const seen: Pick<Conversation, 'to' | 'with'>[] = [];
    const told = ({ to, with: by }: Conversation) => {
      seen.push({ to, with: by });
      return false;
    };
    expect(await host.endConversations(told)).toBe(0);
    expect(seen).toContainEqual({ to: { address: stands, port: 53 }, with: { address: first, port: 53 } });
    expect(await ask(one, stands)).toBe(first);

    const left = (each: Conversation) => each.to.address === stands && each.with.address === first;
    expect(await host.endConversations(left)).toBe(2);
    expect([await ask(one, stands), await ask(other, stands)]).toEqual([second, second]);
    expect(await host.endConversations(left)).toBe(0);
  });

  it('are those of UDP alone', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(80, '10.9.0.6');
    await once(server, 'listening');
    lead(FAMILIES[0], '10.9.0.6');
    const client = connect(80, FAMILIES[0].stands);
    await once(client, 'connect');
    const seen: Conversation[] = [];
    await host.endConversations((each) => {
      seen.push(each);
      return true;
    });
    expect(seen.filter(({ to }) => to.port === 80)).toEqual([]);
    client.write('still there');
    expect(String((await once(client, 'data'))[0])).toBe('still there');
    client.destroy();
    server.close();
  });

  it('are those of one namespace', async () => {
    lead(FAMILIES[0], '10.9.0.6');
    await ask(await open(4, FAMILIES[0].own), FAMILIES[0].stands);
    await host.createNetns(NETNS);
    expect(await host.endConversations(() => true, NETNS)).toBe(0);
    await expect(host.endConversations(() => true, `${NETNS}-absent`)).rejects.toThrow('is no network namespace');
    expect(await host.endConversations(() => true)).toBeGreaterThan(0);
  });
});
