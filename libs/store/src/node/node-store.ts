import type { ChangeOf, CommittedOf } from '../changes.js';
import { openStore } from '../object-store.js';
import type { StoreOf } from '../store.js';
import { nodeSchema, type Kinds } from './kinds.js';

export type { Kinds } from './kinds.js';
export type Kind = keyof Kinds;
export type Change = ChangeOf<Kinds>;
export type Committed = CommittedOf<Kinds>;

/** The node's desired state; its owner is the node. */
export type Store = StoreOf<Kinds>;

/** Opens node.db, and makes it first where there is none; errors as `openStore`. */
export const openNodeStore = (path: string): Promise<Store> => openStore(path, nodeSchema);
