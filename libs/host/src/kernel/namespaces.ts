import { closeSync, statSync } from 'node:fs';
import type { ObservedLink, ObservedRoute } from '#lib/domain';
import { namespaceId } from '../netlink/namespace-ids.js';
import type { NamespaceNews } from '../netlink/namespace-news.js';
import { observeNamespace } from '../netlink/observe.js';
import { inNetns, netnsFile, openNetns } from './netns.js';
import { NamespaceWatch } from './watch.js';

interface Contents {
  links: readonly ObservedLink[];
  routes: readonly ObservedRoute[];
}

/** A name's namespace, as the file says which it is. */
interface Known {
  device: number;
  inode: number;
  id: number;
}

/**
 * What is in other namespaces, read once and kept until there are news from there: one socket hears of all of them. While
 * nobody listens there are no news, and everything is read each time.
 */
export class Namespaces {
  private readonly known = new Map<string, Known>();
  private readonly contents = new Map<number, Contents>();
  private readonly watch = new NamespaceWatch((news) => this.heard(news));

  /** Tells of changes in namespaces that were read since. Returns a function that stops. */
  onChange(changed: () => void): () => void {
    return this.watch.onChange(changed);
  }

  read(name: string): Contents {
    if (!this.watch.hears()) return inNetns(name, observeNamespace);
    const id = this.idOf(name);
    let found = this.contents.get(id);
    // What changes while it is read is told of afterwards.
    if (!found) this.contents.set(id, (found = inNetns(name, observeNamespace)));
    return found;
  }

  close(): void {
    this.watch.close();
    this.known.clear();
    this.contents.clear();
  }

  /** The name may be another namespace's by now. */
  private idOf(name: string): number {
    const file = statSync(netnsFile(name), { throwIfNoEntry: false });
    const known = this.known.get(name);
    if (file && known?.inode === file.ino && known.device === file.dev) return known.id;
    const fd = openNetns(name);
    try {
      const id = namespaceId(fd);
      // The number may have been another namespace's until just now: the kernel gives the smallest that is free.
      this.watch.hears();
      this.known.set(name, { device: file!.dev, inode: file!.ino, id });
      return id;
    } finally {
      closeSync(fd);
    }
  }

  /** @returns was anything known that is not certain any more? */
  private heard(news: NamespaceNews): boolean {
    if (news === 'lost') {
      this.known.clear();
      this.contents.clear();
      return true;
    }
    if (news.ended) for (const [name, { id }] of this.known) if (id === news.id) this.known.delete(name);
    return this.contents.delete(news.id);
  }
}
