import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SkepError } from '#lib/common';
import { tried, type Capability } from './capability.js';

/** A program with the argument that makes it tell its version, and what is missing without it. */
const TOOLS: { name: string; args: string[]; needed: boolean; without: string }[] = [
  { name: 'ip', args: ['-V'], needed: true, without: 'install iproute2' },
  { name: 'nft', args: ['--version'], needed: false, without: 'only people need it, to look at the rules (nftables)' },
  {
    name: 'busybox',
    args: ['--help'],
    needed: false,
    without: 'transparent networks get no addresses by DHCP (udhcpc)',
  },
  { name: 'wg', args: ['--version'], needed: false, without: 'no encrypted overlays; install wireguard-tools' },
  {
    name: 'wireguard-go',
    args: ['--version'],
    needed: false,
    without: 'encrypted overlays need WireGuard in the kernel; or install wireguard-go',
  },
];

const PODMAN = { name: 'podman', args: ['--version'], needed: true, without: 'install podman, the container engine' };

const RUNTIMES = ['runc', 'crun'];

export async function probeTools(engine: 'podman' | 'docker'): Promise<Capability[]> {
  const tools = [...(engine === 'podman' ? [PODMAN] : []), ...TOOLS].map(({ name, args, needed, without }) =>
    tried(name, needed, () => versionOf(name, args), without),
  );
  return Promise.all([...tools, probeRuntimes()]);
}

async function probeRuntimes(): Promise<Capability> {
  return tried('OCI runtime', true, async () => {
    const found = await Promise.allSettled(RUNTIMES.map((name) => versionOf(name, ['--version'])));
    const versions = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (versions.length > 0) return versions.join(', ');
    throw new SkepError('not_found', `none of ${RUNTIMES.join(', ')} is in PATH; install runc`);
  });
}

/** The first line that the program says of itself; without arguments only its path. */
async function versionOf(name: string, args: readonly string[]): Promise<string> {
  const path = whereIs(name);
  if (args.length === 0) return path;
  return new Promise((resolve, reject) => {
    execFile(path, args, { timeout: 5_000 }, (error, stdout, stderr) => {
      if (error) reject(new SkepError('unavailable', `${path} ${args.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve((stdout || stderr).trim().split('\n')[0] ?? path);
    });
  });
}

function whereIs(name: string): string {
  for (const directory of (process.env['PATH'] ?? '').split(':')) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new SkepError('not_found', `${name} is not in PATH`);
}
