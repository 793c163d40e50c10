// `client.mjs ADDRESS PORT SECONDS`: one new connection after another, each of which must bring a byte. Prints how many.
import { Buffer } from 'node:buffer';
import { address, checked, close, connect, open, recv, resetWhenClosed } from './sockets.mjs';

const [ip, port, seconds] = process.argv.slice(2);
const to = address(ip, Number(port));
const byte = Buffer.alloc(1);
const end = performance.now() + 1000 * Number(seconds);
let count = 0;
while (performance.now() < end) {
  const fd = open();
  resetWhenClosed(fd);
  checked(connect(fd, to, to.length), `connect to ${ip}:${port}`);
  byte[0] = 0;
  checked(recv(fd, byte, 1, 0) === 1 && byte.toString() === '!' ? 0 : -1, `a byte from ${ip}:${port}`);
  close(fd);
  count += 1;
}
console.log(count);
