export * from './api-version.js';
export * from './body.js';
export * from './error.filter.js';
export * from './filters.js';
export * from './logger.js';
export * from './query.js';
