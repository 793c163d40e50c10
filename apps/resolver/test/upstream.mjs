// A name server for the tests: node upstream.mjs ADDRESS PORT BEHAVIOUR [PREFIX]. Every question is a line of standard output.
// good: A 192.0.2.1 (or what PREFIX there is in place of 192.0.2), TTL 60; NXDOMAIN with SOA for none.*; over UDP truncated for big.*, slowly for slow.*
// servfail, refused: always that. silent: never an answer. forged: a wrong id, a wrong question, then the right answer.
// late: the right answers when it has heard a question twice. lossy: the first datagram with each name never arrives. reuse: good, and its datagrams'
// socket has SO_REUSEADDR, as that for connections always has.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import packet from 'dns-packet';

const [address, port, behaviour, prefix = '192.0.2'] = process.argv.slice(2);
const TRUNCATED = 1 << 9;
const soa = { mname: 'ns.test', rname: 'admin.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 30 };

function answer(asked, transport) {
  const query = packet.decode(asked);
  const [{ name, type }] = query.questions;
  process.stdout.write(`${transport} ${name} ${type}\n`);
  const base = { type: 'response', id: query.id, flags: 1 << 7, questions: query.questions };
  if (behaviour === 'servfail') return packet.encode({ ...base, flags: 2 });
  if (behaviour === 'refused') return packet.encode({ ...base, flags: 5 });
  if (name.startsWith('none.')) {
    return packet.encode({ ...base, flags: 3, authorities: [{ type: 'SOA', name: 'test', ttl: 60, data: soa }] });
  }
  if (name.startsWith('big.') && transport === 'udp') return packet.encode({ ...base, flags: TRUNCATED });
  const count = name.startsWith('big.') ? 100 : 1;
  const answers = Array.from({ length: count }, (_, i) => ({ type: 'A', name, ttl: 60, data: `${prefix}.${i + 1}` }));
  return packet.encode({ ...base, answers });
}

const lost = new Set();
const kept = new Map();
const udp = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: behaviour === 'reuse' });
udp.on('message', (bytes, { port: to, address: at }) => {
  if (behaviour === 'silent') return;
  const [{ name }] = packet.decode(bytes).questions;
  if (behaviour === 'lossy' && !lost.has(name)) return void lost.add(name);
  const message = answer(bytes, 'udp');
  if (behaviour === 'forged') {
    const evil = packet.decode(message);
    const answers = evil.answers.map((record) => ({ ...record, data: '203.0.113.66' }));
    udp.send(packet.encode({ ...evil, id: evil.id ^ 1, answers }), to, at);
    udp.send(packet.encode({ ...evil, questions: [{ name: 'other.test', type: 'A' }], answers }), to, at);
  }
  if (behaviour === 'late' && !kept.has(name)) return void kept.set(name, message);
  const delay = name.startsWith('slow.') ? 200 : 0;
  for (const each of [kept.get(name), message]) if (each) setTimeout(() => udp.send(each, to, at), delay);
});
const tcp = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    const message = answer(bytes.subarray(2), 'tcp');
    socket.end(Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]));
  });
});
udp.bind(Number(port), address, () => tcp.listen(Number(port), address, () => process.stdout.write('ready\n')));
