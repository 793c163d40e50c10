import { Inject, Injectable } from '@nestjs/common';
import { stableStringify } from '#lib/common';
import { natRules } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';

/**
 * The node's nftables table. It is always written whole, in one transaction; the kernel's listing right after is
 * remembered, and a listing that differs later means that somebody changed it.
 */
@Injectable()
export class Firewall {
  private applied: { text: string; listing: string } | undefined;
  private wanted: { revision: number; text: string } | undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
  ) {}

  isCurrent(): boolean {
    return this.applied?.text === this.text();
  }

  apply(): void {
    const text = this.text();
    this.host.nft(text);
    this.applied = { text, listing: this.listing() };
  }

  /** Compares the kernel's table with what was written; a difference is repaired by the next comparison. */
  audit(): void {
    if (this.applied && this.applied.listing !== this.listing()) this.applied = undefined;
  }

  private listing(): string {
    return stableStringify(this.host.nftTable('inet', this.node.names.nftTable) ?? null);
  }

  private text(): string {
    if (this.wanted?.revision !== this.store.revision) {
      this.wanted = {
        revision: this.store.revision,
        text: natRules(
          this.node.names,
          this.store.list('network').filter((network) => network.target === 'present'),
          this.store
            .list('container')
            .filter(({ id, target }) => target === 'running' && !this.store.get('status', id)?.value.finished),
        ),
      };
    }
    return this.wanted.text;
  }
}
