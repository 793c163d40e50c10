import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import { SkepError } from '#lib/common';

// Numbers of Linux's ABI that are the same on every architecture Node runs on.
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const IPPROTO_IP = 0;
export const IP_FREEBIND = 15;
export const MSG_DONTWAIT = 0x40;
export const CLONE_NEWNET = 0x4000_0000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 1;
export const EINTR = 4;

type Syscall = (...args: (number | Uint8Array | null)[]) => number;

const library = koffi.load(null);
const declare = (definition: string): Syscall => library.func(definition);

/**
 * System calls that Node has no function for. All return -1 on failure, with `errno()` right after. Memory that is
 * used again and again is passed as its address (`addressOf`), the rest as a Uint8Array.
 */
export const libc = {
  setns: declare('int setns(int fd, int kind)'),
  socket: declare('int socket(int family, int type, int protocol)'),
  setsockopt: declare('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
  bind: declare('int bind(int fd, const void *address, uint32_t length)'),
  listen: declare('int listen(int fd, int backlog)'),
  sendto: declare('long sendto(int fd, const void *data, size_t length, int flags, const void *to, uint32_t size)'),
  eventfd: declare('int eventfd(unsigned int value, int flags)'),
  epollCreate: declare('int epoll_create1(int flags)'),
  epollControl: declare('int epoll_ctl(int epoll, int operation, int fd, const void *event)'),
  epollWait: declare('int epoll_wait(int epoll, uintptr_t events, int count, int milliseconds)'),
  recvmmsg: declare('int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)'),
  sendmmsg: declare('int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)'),
} as const;

export const errno = (): number => koffi.errno();

/** Of an ArrayBuffer's memory, which stays where it is for as long as the buffer is referenced. */
export const addressOf = (memory: ArrayBuffer): number => Number(koffi.address(memory));

/** The result, or an error that says what was tried. */
export function checked(result: number, what: string): number {
  if (result >= 0) return result;
  const name = getSystemErrorName(-errno());
  throw new SkepError(name === 'EMFILE' || name === 'ENFILE' ? 'exhausted' : 'unavailable', `${what}: ${name}`);
}
