import { writeSync } from 'node:fs';
import { checked, MFD_CLOEXEC, sys } from './libc.js';

/** A descriptor of a file that is nowhere but in memory, and goes with the last descriptor. Whoever asks for it closes it. */
export function memoryFile(name: string, content: string): number {
  const file = checked(sys.memfdCreate(name, MFD_CLOEXEC), 'make a file in memory');
  const bytes = Buffer.from(content);
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
  return file;
}
