import { readFileSync, writeFileSync } from 'node:fs';
import { SkepError } from '#lib/common';
import { checkedPath } from '../sysctl-path.js';
import { codeOf } from './libc.js';
import { inNetns } from './netns.js';

/** File access is synchronous on purpose: /proc/sys/net shows the namespace of the thread that opens the file. */
export function writeSysctl(path: string, value: string, options: { netns?: string; optional?: boolean } = {}): void {
  const file = `/proc/sys/${checkedPath(path)}`;
  try {
    inNetns(options.netns, () => {
      if (words(readFileSync(file, 'utf8')) !== words(value)) writeFileSync(file, value);
    });
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (SkepError.is(error)) throw error;
    if (errno === 'ENOENT' && options.optional) return;
    const where = options.netns === undefined ? '' : ` in ${options.netns}`;
    const reason = errno === 'ENOENT' ? 'this kernel does not have it' : errno || String(error);
    throw new SkepError(codeOf(errno), `sysctl ${path} = ${value}${where}: ${reason}`, { cause: error });
  }
}

/** The value as it reads now; undefined when the kernel does not have it. */
export function readSysctl(path: string, netns?: string): string | undefined {
  const file = `/proc/sys/${checkedPath(path)}`;
  return inNetns(netns, () => {
    try {
      return words(readFileSync(file, 'utf8'));
    } catch {
      return undefined;
    }
  });
}

/** Values with several numbers are shown with tabs. */
const words = (value: string) => value.trim().split(/\s+/).join(' ');
