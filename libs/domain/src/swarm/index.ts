export * from './assignments.js';
export * from './heartbeat.js';
export * from './objects.js';
export * from './specs.js';
export * from './static-addresses.js';
export * from './task-name.js';
export * from './task-state.js';
export * from './traffic.js';
