import { portWays } from './conversations.js';
import { segmentAnchors, segmentRules } from './l2/rules.js';
import { senderRules } from './l2/senders.js';
import { ingressPorts } from './nat/ingress.js';
import { natRules } from './nat/rules.js';
import type { RuleInput, RuleSource } from './rule-source.js';
import { nodeSources, type NodeSource } from './transparent/node-sources.js';

const sourcesOf = ({ networks, names, links }: RuleInput): NodeSource[] => nodeSources(networks, names, links);

const nat: RuleSource = {
  family: 'inet',
  anchors: (input) =>
    JSON.stringify([
      ingressPorts(input.networks, input.services),
      sourcesOf(input).map(({ network, address }) => [network.linkName, address]),
    ]),
  rules: (input) => natRules(input.names, input.networks, input.containers, input.services, sourcesOf(input)),
  ways: portWays,
};

/** First, so that nothing gets out unlooked at. */
const senders: RuleSource = { family: 'bridge', anchors: segmentAnchors, rules: senderRules };
const segments: RuleSource = { family: 'netdev', anchors: segmentAnchors, rules: segmentRules };

/** Every table there is: a line each. */
export const RULE_SOURCES: readonly RuleSource[] = [nat, senders, segments];
