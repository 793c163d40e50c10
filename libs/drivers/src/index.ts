export * from './driver.js';
export { unpublished } from './nat/published.js';
export { natRules } from './nat/rules.js';
export { kernelView } from './kernel-view.js';
export { driverFor, networkDrivers } from './registry.js';
