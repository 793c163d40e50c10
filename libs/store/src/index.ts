export * from './node/node-store.js';
