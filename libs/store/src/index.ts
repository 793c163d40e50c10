export * from './changes.js';
export * from './store.js';
export { openNodeStore } from './node-store.js';
