import { EINTR, EPOLLIN, EPOLL_CTL_ADD, EPOLL_CTL_DEL, addressOf, checked, errno, libc } from './libc.js';

// struct epoll_event is packed on x86-64 and nowhere else.
const EVENT = process.arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 };
const EVENTS = 64;

/** epoll for reading; a ready descriptor is known by the number that it was added with. */
export class Poll {
  readonly #epoll = checked(libc.epollCreate(0o2000000), 'epoll_create1');
  readonly #memory = new ArrayBuffer(EVENTS * EVENT.size);
  readonly #events = new DataView(this.#memory);
  readonly #address = addressOf(this.#memory);

  add(fd: number, number: number): void {
    const event = new DataView(new ArrayBuffer(EVENT.size));
    event.setUint32(0, EPOLLIN, true);
    event.setUint32(EVENT.data, number, true);
    checked(libc.epollControl(this.#epoll, EPOLL_CTL_ADD, fd, new Uint8Array(event.buffer)), 'epoll_ctl');
  }

  remove(fd: number): void {
    checked(libc.epollControl(this.#epoll, EPOLL_CTL_DEL, fd, null), 'epoll_ctl');
  }

  /** Blocks the thread until something is ready; how many are. */
  wait(): number {
    const ready = libc.epollWait(this.#epoll, this.#address, EVENTS, -1);
    return ready < 0 && errno() === EINTR ? 0 : checked(ready, 'epoll_wait');
  }

  /** The number of the nth that is ready. */
  ready(index: number): number {
    return this.#events.getUint32(index * EVENT.size + EVENT.data, true);
  }
}
