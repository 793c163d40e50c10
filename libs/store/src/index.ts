export * from './node/node-store.js';
export * from './cluster/cluster-store.js';
