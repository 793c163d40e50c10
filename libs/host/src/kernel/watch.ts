import koffi from 'koffi';
import { checked, lastError, pidfdOpen, sys } from './libc.js';
import { forwardingNews } from '../netlink/forwarding.js';
import { drainNamespaceNews, openNamespaceNews, type NamespaceNews } from '../netlink/namespace-news.js';
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

/** News of one kind: one socket while anybody listens, and one word a burst. */
abstract class NewsWatch<News> {
  private readonly listeners = new Set<(news: News) => void>();
  private watched: Watched | undefined;
  private timer: NodeJS.Timeout | undefined;
  protected socket = -1;

  onChange(changed: (news: News) => void): () => void {
    const listener = (news: News) => changed(news);
    if (!this.watched) {
      const socket = this.open();
      if (socket === undefined) return () => undefined;
      this.socket = socket;
      this.watched = new Watched(socket, () => this.drain());
    }
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

  protected get listening(): boolean {
    return this.watched !== undefined;
  }

  protected soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const news = this.take();
      for (const listener of this.listeners) listener(news);
    }, COALESCE_MS).unref();
  }

  /** The socket that news come by; undefined: there will be none. */
  protected abstract open(): number | undefined;
  /** Empties the socket; `soon` where there was something to tell. */
  protected abstract drain(): void;
  /** What is told of a burst, once. */
  protected abstract take(): News;
}

/** Changes of links, addresses and routes. */
export class LinkWatch extends NewsWatch<void> {
  private changed = true;

  /**
   * Has there been a change since the last call? The kernel puts the news into the socket before it lets the change's
   * author go on, so a `false` is certain. While nobody listens there are no news, and the answer is `true`.
   */
  takeChanged(): boolean {
    if (!this.listening) return true;
    this.drain();
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  protected open(): number {
    this.changed = true;
    return openChanges();
  }

  protected drain(): void {
    if (!drainChanges(this.socket)) return;
    this.changed = true;
    this.soon();
  }

  protected take(): void {}
}

/** Changes of the same in other namespaces. */
export class NamespaceWatch extends NewsWatch<void> {
  /** @param heard whether it matters: only then are listeners told */
  constructor(private readonly heard: (news: NamespaceNews) => boolean) {
    super();
  }

  /** Takes up all news there are, so that what is known afterwards is certain; false: there are none to be had. */
  hears(): boolean {
    if (this.listening) this.drain();
    return this.listening;
  }

  protected open(): number | undefined {
    return openNamespaceNews();
  }

  protected drain(): void {
    drainNamespaceNews(this.socket, (news) => {
      if (this.heard(news)) this.soon();
    });
  }

  protected take(): void {}
}

/** Indices of links; undefined: news were lost, so it may be any. */
type Links = ReadonlySet<number> | undefined;

/** Changes of what links were told about where frames go. */
export class ForwardingWatch extends NewsWatch<Links> {
  private changed = new Set<number>();
  private lost = false;

  protected open(): number {
    return openChanges(NEIGHBOURS);
  }

  protected drain(): void {
    drainChanges(this.socket, (news) => {
      if (news === 'lost') this.lost = true;
      else for (const each of news.flatMap((message) => forwardingNews(message) ?? [])) this.changed.add(each);
    });
    if (this.lost || this.changed.size > 0) this.soon();
  }

  protected take(): Links {
    const links = this.lost ? undefined : this.changed;
    this.changed = new Set();
    this.lost = false;
    return links;
  }
}
