import { answerMessage } from '#lib/discovery';
import type { Handler } from './handler.js';

/** Names of our own. */
export const owned: Handler = ({ bytes, query, resolution, turns, limit }) => {
  if (resolution.kind !== 'owned') return undefined;
  const { rule, network, omitted } = resolution;
  return { message: answerMessage(bytes, query, resolution, turns, limit), rule, network, omitted };
};
