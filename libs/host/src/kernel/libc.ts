import { promisify } from 'node:util';
import koffi from 'koffi';
import { SkepError, type ErrorCode } from '#lib/common';

const libc = koffi.load('libc.so.6');

/** The C library's functions that Node lacks. Each returns -1 on failure; pass the result through `checked` at once. */
export const sys = {
  setns: libc.func('int setns(int fd, int nstype)') as (fd: number, nstype: number) => number,
  unshare: libc.func('int unshare(int flags)') as (flags: number) => number,
  mount: libc.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  ) as (source: string, target: string, type: string, flags: number, data: string | null) => number,
  umount2: libc.func('int umount2(const char *target, int flags)') as (target: string, flags: number) => number,
  socket: libc.func('int socket(int domain, int type, int protocol)') as (
    domain: number,
    type: number,
    protocol: number,
  ) => number,
  bind: libc.func('int bind(int fd, const void *address, unsigned int length)') as (
    fd: number,
    address: Buffer,
    length: number,
  ) => number,
  send: libc.func('long send(int fd, const void *data, size_t length, int flags)') as (
    fd: number,
    data: Buffer,
    length: number,
    flags: number,
  ) => number,
  /** on a thread of the pool, because the kernel does what a message to rtnetlink asks for before `send` returns */
  sendAsync: promisify(
    libc.func('long send(int fd, const void *data, size_t length, int flags)').async as (
      fd: number,
      data: Buffer,
      length: number,
      flags: number,
      done: (error: unknown, sent: number) => void,
    ) => void,
  ),
  setsockopt: libc.func('int setsockopt(int fd, int level, int name, const void *value, unsigned int length)') as (
    fd: number,
    level: number,
    name: number,
    value: Buffer,
    length: number,
  ) => number,
  ioctl: libc.func('int ioctl(int fd, unsigned long request, _Inout_ void *argument)') as (
    fd: number,
    request: number,
    argument: Buffer,
  ) => number,
  recv: libc.func('long recv(int fd, void *data, size_t length, int flags)') as (
    fd: number,
    data: Buffer,
    length: number,
    flags: number,
  ) => number,
  /** on a thread of the pool, for answers that the kernel makes while they are fetched */
  recvAsync: promisify(
    libc.func('long recv(int fd, void *data, size_t length, int flags)').async as (
      fd: number,
      data: Buffer,
      length: number,
      flags: number,
      done: (error: unknown, received: number) => void,
    ) => void,
  ),
  /** into what the header (struct msghdr) points to */
  recvmsg: libc.func('long recvmsg(int fd, _Inout_ void *header, int flags)') as (
    fd: number,
    header: Buffer,
    flags: number,
  ) => number,
  memfdCreate: libc.func('int memfd_create(const char *name, unsigned int flags)') as (
    name: string,
    flags: number,
  ) => number,
  close: libc.func('int close(int fd)') as (fd: number) => number,
};

const syscall = libc.func('long syscall(long number, int first, unsigned int second)') as (
  number: number,
  first: number,
  second: number,
) => number;

/** The same number on every architecture that Linux gained since 5.3. */
const SYS_PIDFD_OPEN = 434;

/** A descriptor that becomes readable when the process ends; -1 with errno ESRCH when there is no such process. */
export function pidfdOpen(pid: number): number {
  return syscall(SYS_PIDFD_OPEN, pid, 0);
}

export const CLONE_NEWNET = 0x40000000;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
export const MS_SHARED = 1 << 20;
export const MNT_DETACH = 2;
export const MFD_CLOEXEC = 1;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;

/** As the C library words it: `File exists`. */
export const errnoText = libc.func('const char *strerror(int number)') as (number: number) => string;

/** Of two names for one number the first: EAGAIN, not EWOULDBLOCK. */
const NAMES = new Map(
  Object.entries(koffi.os.errno)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** The name of the last failed call's error, e.g. `ENOENT`. */
export function lastError(): string {
  const number = koffi.errno();
  return NAMES.get(number) ?? `errno ${number}`;
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  EPERM: 'forbidden',
  EACCES: 'forbidden',
  EROFS: 'forbidden',
  ENOENT: 'not_found',
  ESRCH: 'not_found',
  ENODEV: 'not_found',
  EEXIST: 'conflict',
  EBUSY: 'conflict',
  EMFILE: 'exhausted',
  ENFILE: 'exhausted',
  ENOMEM: 'exhausted',
  ENOBUFS: 'exhausted',
  ENOTSUP: 'unsupported',
};

/** What an errno name means in our vocabulary. */
export function codeOf(errno: string): ErrorCode {
  return CODES[errno] ?? 'internal';
}

/** The result of a system call, or a SkepError that says what failed and why. */
export function checked(result: number, what: string): number {
  if (result >= 0) return result;
  const errno = lastError();
  throw new SkepError(codeOf(errno), `${what}: ${errno}`);
}
