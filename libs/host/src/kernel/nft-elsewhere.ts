import { statSync } from 'node:fs';
import { inNetns, netnsFile } from './netns.js';
import { Nft } from './nft.js';

/** Milliseconds. */
const IDLE = 2_000;

interface Kept {
  nft: Nft;
  /** tells a namespace from an earlier one of the same name */
  inode: number;
  timer: NodeJS.Timeout;
}

/**
 * nftables in other namespaces. A context keeps its namespace alive; but to close one right after a change waits for the
 * kernel to have forgotten what was replaced, 10 ms and more. So each is kept for a short while after its last use.
 */
export class NftElsewhere {
  private readonly kept = new Map<string, Kept>();

  run(netns: string, commands: string): string {
    return inNetns(netns, () => this.at(netns).run(commands));
  }

  /** Before the namespace is removed. */
  close(netns: string): void {
    const found = this.kept.get(netns);
    if (!found) return;
    clearTimeout(found.timer);
    found.nft.close();
    this.kept.delete(netns);
  }

  closeAll(): void {
    for (const netns of this.kept.keys()) this.close(netns);
  }

  private at(netns: string): Nft {
    const inode = statSync(netnsFile(netns)).ino;
    const known = this.kept.get(netns);
    if (known?.inode === inode) {
      known.timer.refresh();
      return known.nft;
    }
    this.close(netns);
    const nft = new Nft();
    const timer = setTimeout(() => this.close(netns), IDLE);
    timer.unref();
    this.kept.set(netns, { nft, inode, timer });
    return nft;
  }
}
