import { release } from 'node:os';

/** @param text as uname(2) gives it: `6.1.0-18-amd64` */
export function kernelIsAtLeast(major: number, minor: number, text = release()): boolean {
  const [a = 0, b = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return a > major || (a === major && b >= minor);
}
