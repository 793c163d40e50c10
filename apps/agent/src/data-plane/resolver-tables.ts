import { Inject, Injectable } from '@nestjs/common';
import { SkepError, stableStringify } from '#lib/common';
import type { Container } from '#lib/domain';
import { resolverRules } from '#lib/drivers';
import type { Host } from '#lib/host';
import { HOST, NODE, type Node } from '../node/tokens.js';
import { Rounds } from './rounds.js';

/** The tables in containers' network namespaces by which programs there find the resolver at port 53. */
@Injectable()
export class ResolverTables {
  /** by container id: is it as it was made? Absent: nobody knows */
  private readonly known = new Map<string, boolean>();
  private readonly rounds = new Rounds();
  /** the kernel's listing of one that was just made; they are all alike */
  private made: string | undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
  ) {}

  /** Of the containers in whose namespace the resolver listens, those whose programs find it there. */
  observe(netns: ReadonlySet<string>, listening: ReadonlySet<string>): Set<string> {
    for (const id of this.known.keys()) if (!netns.has(this.node.names.netns(id))) this.known.delete(id);
    return new Set([...listening].filter((id) => this.known.get(id)));
  }

  /** One that somebody changed is made anew, and so is the first, by whose listing the others are known. */
  ensure({ id }: Pick<Container, 'id'>): void {
    if (this.known.get(id)) return;
    const { names } = this.node;
    const how = this.made === undefined || this.known.has(id) ? 'anew' : 'in place';
    this.known.set(id, false);
    this.host.nft(resolverRules(names.nftTable, how), names.netns(id));
    this.made ??= this.listing(id);
    this.known.set(id, true);
  }

  /** The namespace is gone, or on its way. */
  forget(id: string): void {
    this.known.delete(id);
  }

  /** Looks at some tables; what somebody changed is put right by the next comparison. */
  audit(): void {
    for (const id of this.rounds.next(this.known.keys())) this.look(id);
  }

  /** Never fails: it is the container's namespace, and what is wrong there is to concern nobody else. */
  private look(id: string): void {
    try {
      this.known.set(id, this.listing(id) === this.made);
    } catch (error) {
      // It went meanwhile.
      if (SkepError.is(error, 'not_found')) this.known.delete(id);
      else this.known.set(id, false);
    }
  }

  private listing(id: string): string {
    const { names } = this.node;
    return stableStringify(this.host.nftTable('ip', names.nftTable, names.netns(id)) ?? null);
  }
}
