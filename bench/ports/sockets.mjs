// TCP by the system calls themselves, so that what is measured is the kernel's way and not a runtime's.
import { Buffer } from 'node:buffer';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
export const accept = libc.func('int accept(int fd, void *address, void *length)');
export const bind = libc.func('int bind(int fd, const void *address, unsigned int length)');
export const close = libc.func('int close(int fd)');
export const connect = libc.func('int connect(int fd, const void *address, unsigned int length)');
export const listen = libc.func('int listen(int fd, int backlog)');
export const recv = libc.func('long recv(int fd, void *data, size_t length, int flags)');
export const send = libc.func('long send(int fd, const void *data, size_t length, int flags)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const void *value, unsigned int length)');
const socket = libc.func('int socket(int domain, int type, int protocol)');

const [AF_INET, SOCK_STREAM] = [2, 1];
const [SOL_SOCKET, SO_LINGER] = [1, 13];
/** struct linger: on, 0 seconds */
const AT_ONCE = Buffer.from(Int32Array.of(1, 0).buffer);

/** @param {number} result of a call */
export function checked(result, doing) {
  if (result < 0) throw new Error(`${doing}: errno ${koffi.errno()}`);
  return result;
}

export const open = () => checked(socket(AF_INET, SOCK_STREAM, 0), 'socket');

/** Its close resets the connection: nobody has to remember it, and its port is free at once. */
export const resetWhenClosed = (fd) =>
  checked(setsockopt(fd, SOL_SOCKET, SO_LINGER, AT_ONCE, AT_ONCE.length), 'SO_LINGER');

/** struct sockaddr_in */
export function address(ip, port) {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(ip.split('.').map(Number), 4);
  return bytes;
}
