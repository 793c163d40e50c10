export * from './driver.js';
export { unpublished } from './nat/published.js';
export { RULE_SOURCES, type RuleInput, type RuleSource } from './rule-source.js';
export { kernelView } from './kernel-view.js';
export { driverFor, networkDrivers } from './registry.js';
