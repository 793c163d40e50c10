import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError } from '#lib/common';
import type { Container, Translation } from '#lib/domain';
import { FOREIGN, spokenTo, strayBehind, translationRules, translationsIn } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { Rounds } from './rounds.js';

/** The tables of virtual addresses in the containers' network namespaces. */
@Injectable()
export class TranslationTables {
  private readonly log = new Logger('virtual addresses');
  /** by container id; undefined: there is no table */
  private readonly known = new Map<string, readonly Translation[] | undefined>();
  private readonly rounds = new Rounds();

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
  ) {}

  /** What is there. A namespace is looked at when it is seen for the first time. */
  observe(netns: ReadonlySet<string>): ReadonlyMap<string, readonly Translation[]> {
    const { names } = this.node;
    for (const id of this.known.keys()) if (!netns.has(names.netns(id))) this.known.delete(id);
    const overlays = this.store.list('network').filter((network) => network.driver === 'overlay');
    if (overlays.length > 0) {
      const ids = new Set(overlays.map((network) => network.id));
      for (const { id, endpoints } of this.store.list('container')) {
        if (this.known.has(id) || !netns.has(names.netns(id))) continue;
        if (endpoints.some((at) => ids.has(at.networkId))) this.look(id);
      }
    }
    return this.there();
  }

  async apply({ id }: Pick<Container, 'id'>, wanted: readonly Translation[]): Promise<void> {
    if (!this.known.has(id)) this.look(id);
    const have = this.known.get(id);
    const netns = this.node.names.netns(id);
    // Of one that cannot be read nothing is known of whom its addresses led to.
    const stray = strayBehind(have === FOREIGN ? wanted.map(leadingAnywhere) : (have ?? []), wanted);
    const spoken = stray && this.spoken(netns);
    try {
      this.put(have, wanted, netns);
    } catch (error) {
      // It is not what it was taken for.
      this.known.delete(id);
      throw error;
    }
    if (spoken) await this.host.endConversations(stray, netns);
    // Not before: what failed is to be done again.
    this.known.set(id, wanted.length === 0 ? undefined : wanted);
  }

  /** Where the table cannot be changed as it stands, because of what somebody put into it, it is made anew. */
  private put(have: readonly Translation[] | undefined, wanted: readonly Translation[], netns: string): void {
    const table = `inet ${this.node.names.nftTable}`;
    const text = translationRules(table, have, wanted);
    if (text === '') return;
    try {
      this.host.nft(text, netns);
    } catch (error) {
      this.log.debug(`virtual addresses in ${netns} are made anew: ${messageOf(error)}`);
      this.host.nft(translationRules(table, FOREIGN, wanted), netns);
    }
  }

  private spoken(netns: string): boolean {
    try {
      return spokenTo(this.table(netns)).size > 0;
    } catch {
      return true;
    }
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
      this.known.set(id, translationsIn(this.table(this.node.names.netns(id))));
    } catch (error) {
      // It went meanwhile.
      if (SkepError.is(error, 'not_found')) this.known.delete(id);
      else this.known.set(id, FOREIGN);
    }
  }

  private there(): ReadonlyMap<string, readonly Translation[]> {
    const found = new Map<string, readonly Translation[]>();
    for (const [id, each] of this.known) if (each) found.set(id, each);
    return found;
  }

  private table(netns: string): unknown[] | undefined {
    return this.host.nftTable('inet', this.node.names.nftTable, netns);
  }
}

const leadingAnywhere = ({ address }: Translation): Translation => ({ address, to: ['?'] });
