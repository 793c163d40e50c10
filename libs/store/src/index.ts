export type { StoredOf } from './changes.js';
export * from './node/node-store.js';
export * from './cluster/cluster-store.js';
