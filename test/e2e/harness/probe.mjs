// `probe.mjs listen PORT ADDRESS…`: sends back what comes by TCP and UDP; prints a line once it listens everywhere.
// `probe.mjs ask ADDRESS PORT…`: asks each pair by TCP, UDP and, where the port is prefixed with "i", ICMP as well;
// prints JSON: { "ADDRESS PORT": ["tcp", …] }, what was answered.
// `probe.mjs share tcp|udp OWN ADDRESS PORT…`: asks all of them twice in turns from port OWN, on connections that it keeps
// meanwhile; prints JSON: { "ADDRESS PORT": N }, how often it was answered.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6 } from 'node:net';

const PATIENCE = 2_000;
const [mode, ...rest] = process.argv.slice(2);
if (mode === 'listen') await listen(Number(rest[0]), rest.slice(1));
else if (mode === 'share')
  process.stdout.write(JSON.stringify(await share(rest[0], Number(rest[1]), pairsOf(rest.slice(2)))));
else process.stdout.write(JSON.stringify(await ask(rest)));

async function listen(port, addresses) {
  for (const address of addresses) {
    const tcp = createServer((socket) => socket.on('error', () => {}).pipe(socket));
    await once(tcp.listen(port, address), 'listening');
    const udp = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    udp.on('message', (text, from) => udp.send(text, from.port, from.address));
    udp.bind(port, address);
    await once(udp, 'listening');
  }
  process.stdout.write('listening\n');
}

function pairsOf(words) {
  return words.flatMap((address, n) => (n % 2 === 0 ? [[address, words[n + 1]]] : []));
}

async function share(protocol, localPort, pairs) {
  const datagrams = createSocket('udp4').bind(localPort);
  await once(datagrams, 'listening');
  const sockets = new Map();
  const by = {
    tcp(host, port) {
      const socket = sockets.get(host) ?? connect({ host, port, localPort });
      sockets.set(host, socket);
      return answers(socket, 'data', () => socket.write('x'));
    },
    udp: (host, port) =>
      answers(
        datagrams,
        'message',
        () => datagrams.send('x', port, host),
        (_, { address }) => address === host,
      ),
  };
  const said = {};
  // The first round connects; in the second everybody is connected.
  for (const [address, port] of [...pairs, ...pairs]) {
    const key = `${address} ${port}`;
    said[key] = (said[key] ?? 0) + Number(await by[protocol](address, Number(port)));
  }
  datagrams.close();
  for (const socket of sockets.values()) socket.destroy();
  return said;
}

/** Whether something comes back, of those that count, before the time is up. */
function answers(socket, event, send, counts = () => true) {
  return new Promise((resolve) => {
    const end = (answer) => {
      clearTimeout(late);
      socket
        .removeAllListeners(event)
        .removeAllListeners('error')
        .on('error', () => {});
      resolve(answer);
    };
    const late = setTimeout(() => end(false), PATIENCE);
    socket.on(event, (...what) => counts(...what) && end(true)).on('error', () => end(false));
    send();
  });
}

async function ask(words) {
  const answered = {};
  await Promise.all(
    pairsOf(words).map(async ([address, text]) => {
      const port = Number(text.replace('i', ''));
      const asked = [tcp(address, port), udp(address, port), ...(text.startsWith('i') ? [icmp(address)] : [])];
      const said = await Promise.all(asked);
      answered[`${address} ${port}`] = ['tcp', 'udp', 'icmp'].filter((_, n) => said[n]);
    }),
  );
  return answered;
}

function tcp(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE }, () => socket.write('x'));
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .on('data', () => end(true))
      .on('timeout', () => end(false))
      .on('error', () => end(false));
  });
}

function udp(address, port) {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const send = () => socket.send('x', port, address, () => {});
    const again = setInterval(send, 500);
    const end = (answer) => {
      clearInterval(again);
      clearTimeout(late);
      socket.close();
      resolve(answer);
    };
    const late = setTimeout(() => end(false), PATIENCE);
    socket.on('error', () => {}).on('message', (_text, from) => from.address === address && end(true));
    send();
  });
}

async function icmp(address) {
  const [code] = await once(spawn('ping', ['-n', '-c', '2', '-i', '0.5', '-W', '1', '-w', '2', address]), 'exit');
  return code === 0;
}
