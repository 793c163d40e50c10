import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SkepError, unsupported } from '#lib/common';
import { checked, MNT_DETACH, sys } from '../kernel/libc.js';
import { kernelIsAtLeast } from '../kernel-version.js';
import { tried, type Capability } from './capability.js';

/** pidfd_open came with 5.3, concatenated intervals in nftables with 5.6. */
const OLDEST = [5, 6] as const;

/** capabilities(7) */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21 } as const;

/** f_type of the unified hierarchy: include/uapi/linux/magic.h, CGROUP2_SUPER_MAGIC. */
const CGROUP2_MAGIC = 0x63677270;

export async function probeKernel(): Promise<Capability[]> {
  return Promise.all([
    tried('kernel', true, kernelVersion),
    tried('privileges', true, privileges),
    tried('cgroups', true, cgroups),
    tried('overlayfs', false, overlay, 'images are copied for each container'),
    tried(
      'netdev egress hook',
      false,
      egressHook,
      'services see the node where they would see who asks a published port',
    ),
    tried('TUN', false, tun, 'without WireGuard in the kernel there are no encrypted overlays'),
  ]);
}

function kernelVersion(): string {
  if (kernelIsAtLeast(...OLDEST)) return release();
  throw unsupported(`Linux ${release()} is too old: expected ${OLDEST.join('.')} or newer`);
}

/** Published ports of services: answers find the node that a request came through (Linux 5.16). */
function egressHook(): string {
  if (kernelIsAtLeast(5, 16)) return 'there';
  throw unsupported(`Linux ${release()} has none: expected 5.16 or newer`);
}

function privileges(): string {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const missing = Object.entries(CAPABILITIES).filter(([, bit]) => ((held >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0) return `uid ${process.getuid?.() ?? '?'} with ${Object.keys(CAPABILITIES).join(', ')}`;
  throw new SkepError('forbidden', `missing ${missing.map(([name]) => name).join(', ')}; run as root`);
}

function cgroups(): string {
  if (statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC) return 'version 2';
  return controllersOfVersion2() === '' ? 'version 1' : 'version 1, with controllers left to version 2: runc, not crun';
}

function controllersOfVersion2(): string {
  try {
    return readFileSync('/sys/fs/cgroup/unified/cgroup.controllers', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Two lower directories need no upper one, which some file systems cannot be. */
function overlay(): string {
  const directory = mkdtempSync(join(tmpdir(), 'skep-probe-'));
  const [a, b, target] = ['a', 'b', 'merged'].map((name) => join(directory, name)) as [string, string, string];
  try {
    for (const each of [a, b, target]) mkdirSync(each);
    checked(sys.mount('overlay', target, 'overlay', 0, `lowerdir=${a}:${b}`), 'mount overlay');
    checked(sys.umount2(target, MNT_DETACH), 'unmount overlay');
    return 'works';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function tun(): string {
  closeSync(openSync('/dev/net/tun', 'r+'));
  return '/dev/net/tun';
}
