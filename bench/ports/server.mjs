// `server.mjs PORT`: takes one connection after another, says one byte, and ends it.
import { Buffer } from 'node:buffer';
import { accept, address, bind, checked, close, listen, open, send } from './sockets.mjs';

const MSG_NOSIGNAL = 0x4000;
const listening = open();
const at = address('0.0.0.0', Number(process.argv[2]));
checked(bind(listening, at, at.length), 'bind');
checked(listen(listening, 1024), 'listen');
const byte = Buffer.from('!');
for (;;) {
  const fd = checked(accept(listening, null, null), 'accept');
  send(fd, byte, 1, MSG_NOSIGNAL);
  close(fd);
}
