export * from './container.js';
export * from './names.js';
export * from './network.js';
export * from './observed.js';
