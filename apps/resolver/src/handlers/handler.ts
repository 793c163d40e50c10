import type { Omission, Query, Resolution, Turns } from '#lib/discovery';

/** A question on its way along the chain. */
export interface Asked {
  sandboxId: string;
  bytes: Uint8Array;
  query: Query;
  /** what the name table says to it */
  resolution: Resolution;
  turns: Turns;
  /** bytes that the answer may have */
  limit: number;
}

/** An answer with its reasons. */
export interface Answered {
  message: Uint8Array;
  /** which rule gave it, in words */
  rule: string;
  /** the network's name; empty: none */
  network: string;
  omitted: readonly Omission[];
}

/** Answers, or leaves the question to the handlers after it. */
export type Handler = (asked: Asked) => Answered | undefined | Promise<Answered | undefined>;
