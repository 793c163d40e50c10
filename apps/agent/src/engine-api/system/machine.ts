import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Go's names of architectures, which the Engine API uses. */
const GO_NAMES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

export const ARCHITECTURE = GO_NAMES[os.arch()] ?? os.arch();

/** The machine's distribution, as GET /info names it: os-release(5). Undefined where the file says nothing. */
export function distribution(files: readonly string[] = ['/etc/os-release', '/usr/lib/os-release']) {
  for (const file of files) {
    try {
      const text = readFileSync(file, 'utf8');
      const value = (key: string) => new RegExp(`^${key}=(["']?)(.*)\\1$`, 'm').exec(text)?.[2];
      const name = value('PRETTY_NAME') ?? value('NAME');
      if (name) return { OperatingSystem: name, OSVersion: value('VERSION_ID') ?? '' };
    } catch {
      // The next one.
    }
  }
  return undefined;
}
