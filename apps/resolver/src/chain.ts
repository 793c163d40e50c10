import type { Forwarder, ForwardOutcome } from './forward/forwarder.js';
import { forwarded } from './handlers/forwarded.js';
import type { Handler } from './handlers/handler.js';
import { owned } from './handlers/owned.js';
import { unforwarded } from './handlers/unforwarded.js';

/**
 * The order in which a question is handled; the first handler that answers ends it.
 *
 * Before the chain malformed packets are answered or dropped, and the worker thread answers A and AAAA of owned names
 * over UDP from images of the same table: for these the first handler sees only TCP and explanations.
 */
export const chain = (forwarder: Forwarder, countForward: (outcome: ForwardOutcome) => void): readonly Handler[] => [
  owned, // names of containers, services, links, the node; also when they have nothing of the type asked for
  unforwarded, // what must not leave the node
  forwarded(forwarder, countForward), // the rest; never without an answer
];
