// `udp-client.mjs ADDRESS PORT [OWN]`: sends a datagram every 20 ms, always from the same port; prints JSON for each answer:
// { at, by }. What is not answered, or refused, it does not mind.
import { createSocket } from 'node:dgram';

const [address, port, own = '0'] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('error', () => {});
socket.on('message', (text) => process.stdout.write(`${JSON.stringify({ at: Date.now(), by: String(text) })}\n`));
socket.bind(Number(own), () => setInterval(() => socket.send('?', Number(port), address, () => {}), 20));
