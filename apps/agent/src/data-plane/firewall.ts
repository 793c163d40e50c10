import { Inject, Injectable, Logger } from '@nestjs/common';
import { groupBy, messageOf, stableStringify } from '#lib/common';
import { isActive, type Container } from '#lib/domain';
import { inPlace, kernelView, RULE_SOURCES, type KernelView, type RuleInput, type RuleSource } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { NodeContext } from './node-context.js';
import { ServiceTraffic, type Seen } from './service-traffic.js';

/**
 * The node's nftables tables, one for each source of rules. A table is always written whole, in one transaction; the
 * kernel's listing right after is remembered, and a listing that differs later means that somebody changed it.
 */
@Injectable()
export class Firewall {
  private readonly log = new Logger('firewall');
  private readonly applied = new Map<RuleSource, { text: string; listing: string }>();
  /** where ports led when stray conversations were ended last */
  private readonly led = new Map<RuleSource, string>();
  private readonly wanted = new Map<RuleSource, { revision: number; anchors: string; text: string }>();

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    private readonly context: NodeContext,
    private readonly traffic: ServiceTraffic,
  ) {}

  isCurrent({ links }: Pick<KernelView, 'links'>, seen: Seen): boolean {
    const input = this.input(links, seen);
    return RULE_SOURCES.every((source) => this.applied.get(source)?.text === this.text(source, input));
  }

  async apply(seen: Seen): Promise<void> {
    const input = this.input(kernelView(this.context).links, seen);
    for (const source of RULE_SOURCES) {
      const text = this.text(source, input);
      if (this.applied.get(source)?.text === text) continue;
      this.put(source, text);
      await this.endStrays(source, input);
      this.applied.set(source, { text, listing: this.listing(source) });
    }
  }

  private async endStrays(source: RuleSource, input: RuleInput): Promise<void> {
    const ways = source.ways?.(input);
    if (!ways || this.led.get(source) === ways.text) return;
    await this.host.endConversations(ways.stray);
    this.led.set(source, ways.text);
  }

  /** Compares the kernel's tables with what was written; a difference is repaired by the next comparison. */
  audit(): void {
    for (const [source, { listing }] of this.applied) {
      if (listing !== this.listing(source)) this.applied.delete(source);
    }
  }

  /** Published ports answer at every moment: their table is changed where it stands, and made anew only where it cannot be. */
  private put(source: RuleSource, text: string): void {
    const there = this.table(source);
    // Without networks that need its family, a kernel may do without it.
    if (!there && !text.includes('\ntable ')) return;
    const present = source.family === 'inet' ? there : undefined;
    if (!present) return this.host.nft(text);
    try {
      this.host.nft(inPlace(text, present));
    } catch (error) {
      this.log.warn(`the firewall is made anew, since it could not be changed: ${messageOf(error)}`);
      this.host.nft(text);
    }
  }

  private listing(source: RuleSource): string {
    return stableStringify(this.table(source) ?? null);
  }

  private table({ family }: RuleSource): unknown[] | undefined {
    return this.host.nftTable(family, this.node.names.nftTable);
  }

  private input(links: KernelView['links'], seen: Seen): RuleInput {
    const observed = seen.all();
    const isUp = ({ id }: Container) => ['running', 'paused'].includes(observed.get(id)?.state ?? '');
    const all = groupBy(this.store.list('container'), (each) =>
      isActive(each, this.store.get('status', each.id)?.value),
    );
    const active = all.get(true) ?? [];
    // Their time to end is theirs; where one of the others has the address by now, it is that one's.
    const leaving = (all.get(false) ?? []).filter(isUp);
    return {
      names: this.node.names,
      networks: this.store.list('network').filter((network) => network.target === 'present'),
      containers: active.filter(({ target }) => target === 'running'),
      attached: [...active, ...leaving],
      services: this.traffic.backends(seen),
      links,
    };
  }

  private text(source: RuleSource, input: RuleInput): string {
    const { revision } = this.store;
    const anchors = source.anchors(input);
    const known = this.wanted.get(source);
    if (known?.revision === revision && known.anchors === anchors) return known.text;
    const text = source.rules(input);
    this.wanted.set(source, { revision, anchors, text });
    return text;
  }
}
