import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SkepError, unsupported } from '#lib/common';
import type { Host } from '#lib/host';

/** By what this node makes its WireGuard device. `unsupported`, with what is missing, where it cannot. */
export async function means(host: Host, name: string): Promise<'kernel' | 'wireguard-go'> {
  if (host.readSysctl('net/ipv6/conf/all/disable_ipv6') === undefined) {
    throw unsupported('WireGuard: this kernel has no IPv6, which the addresses inside the tunnels are of');
  }
  if (!inPath('wg')) throw unsupported('WireGuard: the program wg is missing: install wireguard-tools');
  if (await kernelHas(host, name)) return 'kernel';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    throw unsupported('WireGuard: this kernel has none, and no /dev/net/tun, by which wireguard-go would do it');
  }
  if (inPath('wireguard-go')) return 'wireguard-go';
  throw unsupported('WireGuard: this kernel has none, and the program wireguard-go is missing: install wireguard-go');
}

/** Tried with a link that goes at once; its name is none that the reconciler looks after. */
async function kernelHas(host: Host, name: string): Promise<boolean> {
  const trial = `wg${name}`;
  try {
    await host.ip([['link', 'add', 'name', trial, 'type', 'wireguard']]);
    await host.ip([['link', 'del', 'dev', trial]]);
    return true;
  } catch (error) {
    if (SkepError.is(error, 'forbidden')) throw error;
    return false;
  }
}

function inPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
