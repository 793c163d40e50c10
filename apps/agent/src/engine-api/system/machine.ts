import os from 'node:os';

/** Go's names of architectures, which the Engine API uses. */
const GO_NAMES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

export const ARCHITECTURE = GO_NAMES[os.arch()] ?? os.arch();
