/** Paths of the kernel that a container without privileges does not see (HostConfig.MaskedPaths). */
export const MASKED_PATHS: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

/** Those that it sees and cannot write (HostConfig.ReadonlyPaths), the same in all versions of Docker. */
export const READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/** What not every Docker Engine from 20.10 to 28 hides: one path for each processor is among it. */
const MASKED_BY_SOME =
  /^\/(sys\/devices\/virtual\/powercap|proc\/interrupts|sys\/devices\/system\/cpu\/cpu\d+\/thermal_throttle)$/;

/** Are these paths, in whatever order, what some Docker Engine hides where nobody asks? Inspections show them. */
export function isUsuallyMasked(paths: readonly unknown[]): boolean {
  const always = MASKED_PATHS.filter((path) => !MASKED_BY_SOME.test(path));
  return sameSet(
    paths.filter((path) => !MASKED_BY_SOME.test(String(path))),
    always,
  );
}

/** The same of those that cannot be written. */
export function isUsuallyReadOnly(paths: readonly unknown[]): boolean {
  return sameSet(paths, READONLY_PATHS);
}

function sameSet(some: readonly unknown[], others: readonly unknown[]): boolean {
  const [all, same] = [new Set(some), new Set(others)];
  return all.size === same.size && [...all].every((each) => same.has(each));
}
