import { invalid } from '#lib/common';

/** The path below /proc/sys as it is, or an error: it must not lead anywhere else. */
export function checkedPath(path: string): string {
  if (/^[\w.:@*+-]+(\/[\w.:@*+-]+)+$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part))) return path;
  throw invalid(
    `sysctl path ${JSON.stringify(path)}: names with "/" between them are accepted, e.g. net/ipv4/ip_forward`,
  );
}
