// Asks one name again and again inside a namespace, and prints each change of the answer as a line of JSON:
// { at: milliseconds since the epoch, addresses: sorted, or null after 50 ms without any answer }
import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

const [name] = process.argv.slice(2);
const question = (id) => packet.encode({ type: 'query', id, flags: 0x0100, questions: [{ name, type: 'A' }] });
const socket = createSocket('udp4');
let last;
let heardAt = Date.now();
let id = 0;

function tell(addresses) {
  const text = JSON.stringify(addresses);
  if (text === last) return;
  last = text;
  process.stdout.write(`${JSON.stringify({ at: Date.now(), addresses })}\n`);
}

socket.on('message', (bytes) => {
  const message = packet.decode(bytes);
  // What was asked before the last question may be older than a change.
  if (message.id !== id) return;
  heardAt = Date.now();
  tell(message.answers.map(({ data }) => data).sort());
});
socket.on('error', () => {});
setInterval(() => {
  if (Date.now() - heardAt > 50) tell(null);
  id = (id + 1) & 0xffff;
  socket.send(question(id), 53, '127.0.0.11', () => {});
}, 2);
