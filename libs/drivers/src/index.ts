export * from './driver.js';
export { natRules } from './nat/rules.js';
export { kernelView } from './kernel-view.js';
export { driverFor } from './registry.js';
