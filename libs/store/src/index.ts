export * from './changes.js';
export * from './store.js';
