import koffi from 'koffi';
import { checked, lastError, pidfdOpen, sys } from './libc.js';
import { forwardingNews } from '../netlink/forwarding.js';
import { drainChanges, NEIGHBOURS, openChanges } from '../netlink/socket.js';

/** Changes come in bursts (a veth pair is a dozen messages); listeners hear of a burst once, this many ms after it began. */
const COALESCE_MS = 20;

/** Waits for a descriptor on Node's own event loop, without a thread and without keeping the process alive. */
class Watched {
  private readonly handle: ReturnType<typeof koffi.node.poll>;

  constructor(
    private readonly fd: number,
    readable: () => void,
  ) {
    this.handle = koffi.node.poll(fd, { readable: true }, readable);
    this.handle.unref();
  }

  /** Stops waiting and closes the descriptor. */
  close(): void {
    this.handle.stop();
    this.handle.close();
    sys.close(this.fd);
  }
}

/** Ends of processes, one pidfd each: a pid that is used again cannot be mistaken for the process that had it before. */
export class ExitWatch {
  private readonly watched = new Set<Watched>();

  onExit(pid: number, ended: () => void): () => void {
    const fd = pidfdOpen(pid);
    if (fd < 0 && lastError() === 'ESRCH') {
      const soon = setImmediate(ended);
      return () => clearImmediate(soon);
    }
    checked(fd, `watch process ${pid}`);
    const watched: Watched = new Watched(fd, () => {
      this.drop(watched);
      ended();
    });
    this.watched.add(watched);
    return () => this.drop(watched);
  }

  close(): void {
    for (const each of this.watched) this.drop(each);
  }

  private drop(watched: Watched): void {
    if (this.watched.delete(watched)) watched.close();
  }
}

/** Changes of links, addresses and routes: one socket while anybody listens. */
export class LinkWatch {
  private readonly listeners = new Set<() => void>();
  private watched: Watched | undefined;
  private socket = -1;
  private timer: NodeJS.Timeout | undefined;
  private changed = true;

  /**
   * Has there been a change since the last call? The kernel puts the news into the socket before it lets the change's
   * author go on, so a `false` is certain. While nobody listens there are no news, and the answer is `true`.
   */
  takeChanged(): boolean {
    if (!this.watched) return true;
    this.drain();
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  onChange(changed: () => void): () => void {
    const listener = () => changed();
    this.watched ??= this.open();
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.listeners.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.watched?.close();
    this.watched = undefined;
  }

  private open(): Watched {
    this.socket = openChanges();
    this.changed = true;
    return new Watched(this.socket, () => this.drain());
  }

  private drain(): void {
    if (!drainChanges(this.socket)) return;
    this.changed = true;
    this.timer ??= setTimeout(() => this.tell(), COALESCE_MS).unref();
  }

  private tell(): void {
    this.timer = undefined;
    for (const listener of this.listeners) listener();
  }
}

/** Indices of links; undefined: news were lost, so it may be any. */
type Links = ReadonlySet<number> | undefined;

/** Changes of what links were told about where frames go: one socket while anybody listens. */
export class ForwardingWatch {
  private readonly listeners = new Set<(links: Links) => void>();
  private watched: Watched | undefined;
  private timer: NodeJS.Timeout | undefined;
  private changed = new Set<number>();
  private lost = false;

  onChange(changed: (links: Links) => void): () => void {
    const listener = (links: Links) => changed(links);
    this.watched ??= this.open();
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.listeners.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.watched?.close();
    this.watched = undefined;
  }

  private open(): Watched {
    const socket = openChanges(NEIGHBOURS);
    return new Watched(socket, () => this.drain(socket));
  }

  private drain(socket: number): void {
    drainChanges(socket, (news) => {
      if (news === 'lost') this.lost = true;
      else for (const each of news.flatMap((message) => forwardingNews(message) ?? [])) this.changed.add(each);
    });
    if (this.lost || this.changed.size > 0) this.timer ??= setTimeout(() => this.tell(), COALESCE_MS).unref();
  }

  private tell(): void {
    const links = this.lost ? undefined : this.changed;
    this.timer = undefined;
    this.changed = new Set();
    this.lost = false;
    for (const listener of this.listeners) listener(links);
  }
}
