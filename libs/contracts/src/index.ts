export * from './backup.js';
export * from './daemon-config.js';
export * from './node-api.js';
export * from './proto.js';
export * from './resolver-address.js';
export * from './resolver-client.js';
export * from './resolver-types.js';
export * from './swarm/index.js';
