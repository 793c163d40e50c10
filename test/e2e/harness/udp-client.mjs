// `udp-client.mjs ADDRESS PORT [OWN]`: sends a datagram every 20 ms, always from the same port, with its number; prints JSON
// for each answer: { at, by, number }. What is not answered, or refused, it does not mind.
import { createSocket } from 'node:dgram';

const [address, port, own = '0'] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('error', () => {});
socket.on('message', (text) => {
  const [by, number] = String(text).split(' ');
  process.stdout.write(`${JSON.stringify({ at: Date.now(), by, number: Number(number) })}\n`);
});
let number = 0;
socket.bind(Number(own), () => setInterval(() => socket.send(String(number++), Number(port), address, () => {}), 20));
