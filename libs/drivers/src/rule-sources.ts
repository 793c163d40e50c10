import { segmentAnchors, segmentRules } from './l2/rules.js';
import { natRules } from './nat/rules.js';
import type { RuleSource } from './rule-source.js';

const nat: RuleSource = {
  family: 'inet',
  anchors: () => '',
  rules: ({ names, networks, containers }) => natRules(names, networks, containers),
};

const segments: RuleSource = { family: 'netdev', anchors: segmentAnchors, rules: segmentRules };

/** Every table there is: a line each. */
export const RULE_SOURCES: readonly RuleSource[] = [nat, segments];
