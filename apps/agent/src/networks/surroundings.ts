import { Inject, Injectable } from '@nestjs/common';
import type { Network, ObservedLink, ObservedRoute } from '#lib/domain';
import { droppingForward, type Host } from '#lib/host';
import { HOST, NODE, type Node } from '../node/tokens.js';

/** What a new network is checked against. */
export interface Surroundings {
  node: Node;
  /** networks that exist or are granted in the same transaction */
  networks: readonly Network[];
  /** ids of those that are gone before the new one is made: what they have is free for it */
  replaced?: ReadonlySet<string>;
  /** of the node, ours included */
  links: readonly ObservedLink[];
  routes: readonly ObservedRoute[];
  isWireless?(link: string): boolean;
  /** nft's JSON of everybody's packet filter, read when it is asked for; empty where no chain drops by default */
  dropping?(): readonly unknown[];
  now: string;
}

/** The node as it is at this moment. */
@Injectable()
export class NodeSurroundings {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
  ) {}

  look(networks: readonly Network[]): Surroundings {
    const { node, host } = this;
    let filter: readonly unknown[] | undefined;
    return {
      node,
      networks,
      links: host.links(),
      routes: host.routes(),
      isWireless: (link) => host.isWireless(link),
      dropping: () => (filter ??= filterOf(host)),
      now: new Date().toISOString(),
    };
  }
}

/** What cannot be read stands in the way of nothing that is asked for; `skep doctor` says why. */
function filterOf(host: Host): readonly unknown[] {
  try {
    return droppingForward(host.nftChains()).length > 0 ? host.nftRuleset() : [];
  } catch {
    return [];
  }
}
