// A DNS client that runs inside a namespace: node client.mjs '<json>' → json on standard output.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import packet from 'dns-packet';

const SERVER = '127.0.0.11';
const job = JSON.parse(process.argv[2]);

const question = (id, name, type) =>
  packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ name, type }] });

/** Sends questions over UDP, at most `window` at a time, and counts what comes first. */
function askUdp({ names, type, count, window, timeoutMs }) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const result = { firsts: {}, rcodes: {}, lost: 0, milliseconds: [] };
    const pending = new Map();
    let sent = 0;
    const next = () => {
      while (pending.size < window && sent < count) {
        const id = sent & 0xffff;
        const timer = setTimeout(() => finish(id, () => result.lost++), timeoutMs);
        pending.set(id, { timer, at: performance.now() });
        socket.send(question(id, names[sent++ % names.length], type), 53, SERVER);
      }
      if (pending.size === 0) {
        socket.close();
        resolve(result);
      }
    };
    const finish = (id, note) => {
      const entry = pending.get(id);
      if (!entry) return;
      clearTimeout(entry.timer);
      pending.delete(id);
      note(entry);
      next();
    };
    socket.on('message', (bytes) => {
      const message = packet.decode(bytes);
      finish(message.id, ({ at }) => {
        result.milliseconds.push(performance.now() - at);
        note(result, message);
      });
    });
    next();
  });
}

/** All questions at once on one connection, in as many pieces as the kernel likes. */
function askTcp({ names, type, count }) {
  return new Promise((resolve, reject) => {
    const socket = connect(53, SERVER);
    const result = { firsts: {}, rcodes: {}, lost: 0, milliseconds: [] };
    let received = Buffer.alloc(0);
    let answers = 0;
    socket.on('error', reject);
    socket.on('close', () => resolve({ ...result, lost: count - answers }));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        note(result, packet.decode(received.subarray(2)));
        received = received.subarray(2 + received.readUInt16BE(0));
        if (++answers === count) socket.destroy();
      }
    });
    const all = Array.from({ length: count }, (_, i) => {
      const bytes = question(i & 0xffff, names[i % names.length], type);
      return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
    });
    socket.write(Buffer.concat(all));
  });
}

function note(result, message) {
  const first = message.answers[0]?.data ?? 'none';
  result.firsts[first] = (result.firsts[first] ?? 0) + 1;
  result.rcodes[message.rcode] = (result.rcodes[message.rcode] ?? 0) + 1;
}

/**
 * Sends packets as they are, each with a good question behind it; the answers as hex. An empty string: the question was
 * answered and the packet was not, nor a moment later, as what takes the slow path would be.
 */
async function raw({ packets, name, timeoutMs }) {
  const answers = [];
  for (const [number, hex] of packets.entries()) {
    const socket = createSocket('udp4');
    const got = new Map();
    socket.on('message', (bytes) => got.set(bytes.readUInt16BE(0), bytes.toString('hex')));
    const isWithin = async (ms, probe) => {
      for (const until = performance.now() + ms; !probe() && performance.now() < until;) await sleep(5);
      return probe();
    };
    socket.send(Buffer.from(hex, 'hex'), 53, SERVER);
    socket.send(question(number, name, 'A'), 53, SERVER);
    if (!(await isWithin(timeoutMs, () => got.has(number)))) throw new Error(`no answer behind packet ${number}`);
    await isWithin(150, () => got.size > 1);
    answers.push([...got].find(([id]) => id !== number)?.[1] ?? '');
    socket.close();
  }
  return answers;
}

/** As many questions as fit into the time, without waiting for answers; every name another one. */
function flood({ suffix, durationMs }) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const until = performance.now() + durationMs;
    let sent = 0;
    const burst = () => {
      for (let i = 0; i < 100; i++, sent++) socket.send(question(sent & 0xffff, `n${sent}.${suffix}`, 'A'), 53, SERVER);
      if (performance.now() < until) setImmediate(burst);
      else {
        socket.close();
        resolve({ sent });
      }
    };
    socket.bind(0, () => burst());
  });
}

/** How long until a question is answered, asking again and again; milliseconds since the epoch. */
async function waitForAnswer({ name, timeoutMs }) {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    const asked = { names: [name], type: 'A', count: 1, window: 1, timeoutMs: 20 };
    const { lost } = await askUdp(asked);
    if (lost === 0) return { at: Date.now() };
  }
  throw new Error(`no answer within ${timeoutMs} ms`);
}

/** Opens connections, says nothing, and counts those that the server closed within the time. */
async function connections({ count, durationMs }) {
  let closed = 0;
  const sockets = Array.from({ length: count }, () =>
    connect(53, SERVER)
      .on('close', () => closed++)
      .on('error', () => {}),
  );
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const result = { closed };
  for (const socket of sockets) socket.destroy();
  return result;
}

const jobs = { udp: askUdp, tcp: askTcp, raw, flood, waitForAnswer, connections };
process.stdout.write(JSON.stringify(await jobs[job.kind](job)));
