import { portWays } from './conversations.js';
import { segmentAnchors, segmentRules } from './l2/rules.js';
import { ingressPorts } from './nat/ingress.js';
import { natRules } from './nat/rules.js';
import type { RuleSource } from './rule-source.js';

const nat: RuleSource = {
  family: 'inet',
  anchors: ({ networks, services }) => JSON.stringify(ingressPorts(networks, services)),
  rules: ({ names, networks, containers, services }) => natRules(names, networks, containers, services),
  ways: portWays,
};

const segments: RuleSource = { family: 'netdev', anchors: segmentAnchors, rules: segmentRules };

/** Every table there is: a line each. */
export const RULE_SOURCES: readonly RuleSource[] = [nat, segments];
