import type { DaemonConfig } from '#lib/contracts';
import type { NodeNames } from '#lib/domain';

/** This node: who it is and where its files are. */
export interface Node {
  /** 64 hex digits */
  id: string;
  names: NodeNames;
  config: DaemonConfig;
}

export const NODE = Symbol('node');
export const STORE = Symbol('store');
export const HOST = Symbol('host');
export const ENGINE = Symbol('engine');
export const RESOLVER = Symbol('resolver');
