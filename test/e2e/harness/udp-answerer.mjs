// `udp-answerer.mjs PORT NAME`: answers each datagram with NAME and what it says; prints a line once it listens.
import { createSocket } from 'node:dgram';

const [port, name] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (text, from) => socket.send(`${name} ${text}`, from.port, from.address));
socket.bind(Number(port), () => process.stdout.write('listening\n'));
