import { RCODE, errorMessage } from '#lib/discovery';
import type { ForwardOutcome, Forwarder } from '../forward/forwarder.js';
import type { Handler } from './handler.js';

/** Everything else goes to other servers; without an answer of theirs it is SERVFAIL. */
export const forwarded =
  (forwarder: Forwarder, count: (outcome: ForwardOutcome) => void): Handler =>
  async ({ bytes, query, resolution, sandboxId, limit }) => {
    if (resolution.kind !== 'forward') return undefined;
    const { message, outcome, detail } = await forwarder.forward(bytes, query, resolution, sandboxId, limit);
    count(outcome);
    const rule = `${resolution.rule}: ${detail}`;
    return { message: message ?? errorMessage(bytes, query, RCODE.SERVFAIL), rule, network: '', omitted: [] };
  };
