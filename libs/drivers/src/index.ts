export * from './driver.js';
export { natRules } from './nat/rules.js';
export { driverFor } from './registry.js';
