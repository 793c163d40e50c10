export * from './container.js';
export * from './health.js';
export * from './names.js';
export * from './network.js';
export * from './observed.js';
export * from './readiness.js';
export * from './restart.js';
export * from './swarm/index.js';
