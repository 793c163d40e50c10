import { invalid, unsupported } from '#lib/common';
import type { HostConfig } from '../docker-api/dialect.js';

/** Log drivers whose lines `logs` gives back; all of them are kept as Podman's k8s-file. */
const KEPT_LOGS = ['', 'json-file', 'local'];

/** Docker's names; `compress`, `mode` and `max-buffer-size` change nothing here that anybody could read. */
const OPTIONS = 'compress env env-regex labels labels-regex max-buffer-size max-file max-size mode tag'.split(' ');

/** What Docker's driver `local` keeps where nobody says. */
const LOCAL = { 'max-size': String(20 << 20), 'max-file': '5' };

/** HostConfig.LogConfig for Podman, and how many files there are to be of the log. */
export function logConfig({ LogConfig }: HostConfig): { config: HostConfig; files: number } {
  const { Type: type = '', Config } = (LogConfig ?? {}) as { Type?: string; Config?: Record<string, string> | null };
  if (type === 'none') return { config: { Type: 'none' }, files: 1 };
  if (!KEPT_LOGS.includes(type)) {
    throw unsupported(`log driver ${JSON.stringify(type)}: json-file, local and none are accepted`);
  }
  const options = { ...(type === 'local' && LOCAL), ...Config };
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw invalid(`unknown log opt '${unknown}' for ${type || 'json-file'} log driver; known: ${OPTIONS.join(', ')}`);
  }
  const size = options['max-size'];
  if (size !== undefined) checkSize(size);
  const limited = size !== undefined && size !== '-1';
  return {
    config: { Type: 'k8s-file', ...(limited && { Config: { 'max-size': size } }) },
    files: filesOf(options['max-file'], limited),
  };
}

function checkSize(size: string): void {
  if (size === '-1' || (/^\d+(\.\d+)? ?([kmgtp]?b?)$/i.test(size) && Number.parseFloat(size) > 0)) return;
  throw invalid(`log opt max-size: invalid size: '${size}': a positive number is expected, with k, m or g after it`);
}

/** Without a limit the first file is never full. */
function filesOf(count: string | undefined, limited: boolean): number {
  if (count === undefined) return 1;
  const files = /^\d{1,6}$/.test(count) ? Number(count) : 0;
  if (files < 1) throw invalid(`log opt max-file: ${JSON.stringify(count)}: cannot be less than 1`);
  return limited ? files : 1;
}
