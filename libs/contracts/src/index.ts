export * from './daemon-config.js';
export * from './node-api.js';
