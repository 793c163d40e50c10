import type { Container, Network, NodeNames, ServiceBackends } from '#lib/domain';
import type { KernelView } from './driver.js';

/** What rules are made from. */
export interface RuleInput {
  names: NodeNames;
  /** networks that are to be there */
  networks: readonly Network[];
  /** containers that are to run */
  containers: readonly Container[];
  /** those, and those that wait for their start: both are on their networks */
  attached: readonly Container[];
  /** who answers for services of the cluster now */
  services: readonly ServiceBackends[];
  links: KernelView['links'];
}

/** One nftables table of this node. It is written whole, in one transaction. */
export interface RuleSource {
  family: 'inet' | 'netdev';
  /** Pure: all that the rules take from what is observed, as text. While it and the desired state stay, the rules do. */
  anchors(input: RuleInput): string;
  /** Pure: nft text that puts the table in the place of what is there, or takes it away where there is nothing to say. */
  rules(input: RuleInput): string;
}
