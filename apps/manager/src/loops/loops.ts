import type { Loop } from './loop.js';

/** All control loops. Their order has no meaning: each waits for what the others leave in the state. */
export const LOOPS: readonly Loop[] = [];
