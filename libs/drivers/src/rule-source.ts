import type { Container, Network, NodeNames, ServiceBackends } from '#lib/domain';
import type { Conversation } from '#lib/host';
import type { KernelView } from './driver.js';

/** What rules are made from. */
export interface RuleInput {
  names: NodeNames;
  /** networks that are to be there */
  networks: readonly Network[];
  /** containers that are to run; those that have ended for good are not */
  containers: readonly Container[];
  /** who is on a network: those, and those that wait for their start; then those that are to end and have not yet */
  attached: readonly Container[];
  /** who answers for services of the cluster now */
  services: readonly ServiceBackends[];
  links: KernelView['links'];
}

/**
 * UDP conversations that still go where nothing new is led. Connection tracking keeps a conversation with whom it was
 * led to first as long as somebody goes on speaking, also to one that has died or whose address is somebody else's by now.
 * A TCP connection is never ended: one to a replica that is to end has its time, and one to a dead replica is dead.
 */
export type Stray = (each: Conversation) => boolean;

/** Where the UDP ports of this node lead. */
export interface PortWays {
  /** equal for equal ways */
  text: string;
  stray: Stray;
}

/** One nftables table of this node. It is written whole, in one transaction. */
export interface RuleSource {
  family: 'inet' | 'bridge' | 'netdev';
  /** Pure: all that the rules take from what is observed, as text. While it and the desired state stay, the rules do. */
  anchors(input: RuleInput): string;
  /** Pure: nft text that puts the table in the place of what is there, or takes it away where there is nothing to say. */
  rules(input: RuleInput): string;
  /** Pure: which conversations are to be ended once the rules are there; absent: they lead nobody anywhere. */
  ways?(input: RuleInput): PortWays;
}
