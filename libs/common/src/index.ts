export * from './errors.js';
export * from './ids.js';
export * from './text.js';
export * from './time.js';
export { packageRoot, skepVersion } from './version.js';
