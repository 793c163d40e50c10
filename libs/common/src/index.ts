export * from './errors.js';
export { groupBy } from './group-by.js';
export * from './ids.js';
export { Pace } from './pace.js';
export { randomName } from './random-name.js';
export { Semaphore } from './semaphore.js';
export * from './text.js';
export * from './time.js';
export { packageRoot, skepVersion } from './version.js';
