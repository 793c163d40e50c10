export * from './host.js';
export { createHost } from './kernel/kernel-host.js';
export { enterNewNetns, inNetns } from './kernel/netns.js';
export { FakeHost } from './fake/fake-host.js';
