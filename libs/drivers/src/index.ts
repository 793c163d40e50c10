export * from './driver.js';
export { unpublished } from './nat/published.js';
export type { RuleInput, RuleSource } from './rule-source.js';
export { RULE_SOURCES } from './rule-sources.js';
export { kernelView } from './kernel-view.js';
export { driverFor, networkDrivers } from './registry.js';
