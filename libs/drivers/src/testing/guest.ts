import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Debian's kernel, unpacked there by tools/setup.sh --test. */
const KERNEL = join(import.meta.dirname, '../../../../node_modules/.cache/skep-guest');
/** In the order in which they need each other. */
const MODULES = (
  'llc stp mrp garp bridge 8021q veth macvlan af_packet ' +
  'libcrc32c nfnetlink nf_tables nf_dup_netdev nft_fwd_netdev nft_dup_netdev sch_ingress cls_u32 act_mirred ' +
  'udp_tunnel ip6_udp_tunnel vxlan libchacha chacha-x86_64 poly1305-x86_64 libchacha20poly1305 ' +
  'libcurve25519-generic curve25519-x86_64 wireguard'
).split(' ');
const MACHINE = '-M pc -m 256 -nodefaults -display none -serial stdio -no-reboot'.split(' ');
const PROGRAMS = ['/usr/sbin/ip', '/usr/sbin/tc', '/usr/sbin/nft', '/usr/bin/tcpdump', '/usr/bin/wg'];

/**
 * Boots a machine with Debian's kernel, in software, runs a busybox script in it as root, and gives what that printed.
 * For what the kernel of the tests lacks. The script finds `ip`, `tc`, `nft`, `tcpdump` and `wg`; nothing of the guest is left behind.
 */
export function inGuest(script: string): string[] {
  const release = existsSync(KERNEL) ? readdirSync(join(KERNEL, 'lib/modules'))[0] : undefined;
  if (release === undefined) throw new Error(`${KERNEL} is not there: run tools/setup.sh --test`);
  const folder = mkdtempSync(join(tmpdir(), 'skep-guest-'));
  try {
    const root = join(folder, 'root');
    fill(root, join(KERNEL, 'lib/modules', release, 'kernel'), script);
    const image = join(folder, 'initrd');
    const files = run('find', ['.'], { cwd: root });
    writeFileSync(image, run('busybox', ['cpio', '-o', '-H', 'newc'], { cwd: root, input: files }));
    const boot = ['-kernel', join(KERNEL, `boot/vmlinuz-${release}`), '-initrd', image];
    const out = run('qemu-system-x86_64', [...MACHINE, ...boot, '-append', 'console=ttyS0 quiet panic=-1']);
    return out.toString().split(/\r?\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fill(root: string, modules: string, script: string): void {
  for (const name of ['bin', 'programs', 'lib', 'proc', 'sys', 'run', 'etc', 'tmp', 'dev'])
    mkdirSync(join(root, name), { recursive: true });
  // tcpdump gives up its rights to somebody who has a name.
  writeFileSync(join(root, 'etc/passwd'), 'tcpdump:x:0:0::/:/bin/sh\n');
  cpSync('/usr/bin/busybox', join(root, 'bin/busybox'));
  for (const program of PROGRAMS) {
    cpSync(program, join(root, 'programs', basename(program)), { dereference: true });
    for (const [path] of run('ldd', [program])
      .toString()
      .matchAll(/\/\S+\.so\S*/g)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      cpSync(path, join(root, path), { dereference: true });
    }
  }
  const found = readdirSync(modules, { recursive: true, encoding: 'utf8' });
  const loads = MODULES.flatMap((name) => {
    // What is not a module is built in.
    const path = found.find((each) => basename(each) === `${name}.ko`);
    if (path === undefined) return [];
    cpSync(join(modules, path), join(root, 'lib', `${name}.ko`));
    return [`insmod /lib/${name}.ko`];
  });
  const init = [
    '#!/bin/busybox sh',
    '/bin/busybox --install -s /bin',
    'export PATH=/programs:/bin',
    // busybox prefers its own.
    ...['ip', 'tc'].map((name) => `${name}() { /programs/${name} "$@"; }`),
    'mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run; mount -t devtmpfs dev /dev; ln -s /proc/self/fd /dev/fd',
    ...loads,
    'ip link set lo up',
    script,
    'poweroff -f',
    '',
  ];
  writeFileSync(join(root, 'init'), init.join('\n'), { mode: 0o755 });
}

function run(command: string, args: readonly string[], options: { cwd?: string; input?: Buffer } = {}): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    timeout: 90_000,
    maxBuffer: 1 << 27,
  });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? String(stderr)}`);
  return stdout;
}
