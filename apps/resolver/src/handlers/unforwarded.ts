import { answerMessage } from '#lib/discovery';
import type { Handler } from './handler.js';

/** Names that are nobody's here and must not leave the node: single labels, and everything of internal networks. */
export const unforwarded: Handler = ({ bytes, query, resolution, turns, limit }) => {
  if (resolution.kind !== 'refused') return undefined;
  const message = answerMessage(bytes, query, resolution, turns, limit);
  return { message, rule: resolution.rule, network: '', omitted: [] };
};
