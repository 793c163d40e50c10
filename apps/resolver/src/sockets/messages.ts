import type { ZoneImage } from '#lib/discovery';

/** One sandbox as the worker sees it. */
export interface WorkerAsker {
  /** small number, the sandbox's place in shared tables */
  token: number;
  udp: number;
  /** networks in the order in which names are looked up */
  networks: string[];
  /** private names; before those of the networks */
  own?: ZoneImage;
}

/** Main thread → worker. All of it becomes live at once. */
export interface Update {
  sequence: number;
  zones: { networkId: string; image: ZoneImage }[];
  removedZones: string[];
  askers: WorkerAsker[];
  /** after the acknowledgement the worker does not touch their sockets any more */
  removedAskers: number[];
}

export type ToWorker = Update | 'stop';

/** A question that is not for the hot path. */
export interface HandedOver {
  token: number;
  /** struct sockaddr_in of the client */
  peer: Uint8Array;
  packet: Uint8Array;
}

/** Worker → main thread. */
export type FromWorker = { applied: number } | { questions: HandedOver[] };

export interface WorkerStart {
  /** an eventfd: the main thread adds to it after it has sent a message */
  wake: number;
  /** for each token, how many questions the main thread is busy with (Int32) */
  outstanding: SharedArrayBuffer;
  statistics: SharedArrayBuffer;
}

/** How many sandboxes there can be at once. */
export const MAX_ASKERS = 16_384;

/** Questions of one container that the main thread takes at a time; beyond them it is told SERVFAIL. */
export const MAX_OUTSTANDING = 256;
