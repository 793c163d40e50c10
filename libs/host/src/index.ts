export * from './host.js';
export { dropsByDefault, droppingForward } from './forward-policy.js';
export { createHost } from './kernel/kernel-host.js';
export { kernelIsAtLeast } from './kernel-version.js';
export { memoryFile } from './kernel/memory-file.js';
export { enterNewNetns, inNetns } from './kernel/netns.js';
export { FakeHost } from './fake/fake-host.js';
export type { Capability } from './probe/capability.js';
export { probe } from './probe/probe.js';
