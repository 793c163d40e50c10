export * from './process.js';
export * from './processes.js';
export * from './machines.js';
export * from './daemon.js';
