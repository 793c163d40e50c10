import { invalid, unsupported } from '#lib/common';
import type { HostConfig } from '../docker-api/dialect.js';

/** What Podman runs a container with, by whatever name Docker's clients ask for it. */
const RUNTIMES: readonly unknown[] = ['', 'runc', 'crun', 'oci', 'io.containerd.runc.v2'];

/** Fields that Podman's Docker API passes over in silence, and the values by which they ask for nothing. */
const PASSED_OVER: Readonly<Record<string, readonly unknown[]>> = {
  VolumeDriver: ['', 'local'],
  Isolation: ['', 'default'],
  Cgroup: [''],
  KernelMemory: [0],
  KernelMemoryTCP: [0],
  CpuCount: [0],
  CpuPercent: [0],
  IOMaximumIOps: [0],
  IOMaximumBandwidth: [0],
};

/** Refuses what would be lost on the way, and says the rest in Podman's own way. */
export function withoutPassedOver(given: HostConfig): HostConfig {
  const { MaskedPaths, ReadonlyPaths, ContainerIDFile: _writtenByTheClient, Runtime, DeviceRequests, ...rest } = given;
  if (Runtime !== undefined && Runtime !== null && !RUNTIMES.includes(Runtime)) {
    throw invalid(`unknown or invalid runtime name: ${JSON.stringify(Runtime)}`);
  }
  for (const [key, nothing] of Object.entries(PASSED_OVER)) {
    const value = rest[key];
    if (value === undefined || value === null || nothing.includes(value)) continue;
    throw unsupported(`HostConfig.${key} ${JSON.stringify(value)}: Podman does not do that`);
  }
  if (Array.isArray(DeviceRequests) && DeviceRequests.length > 0) {
    throw unsupported(
      `could not select device driver ${driversOf(DeviceRequests)}: HostConfig.DeviceRequests (--gpus): Podman takes devices by path (--device)`,
    );
  }
  return { ...rest, SecurityOpt: [...securityOf(rest), ...unmasked(MaskedPaths, ReadonlyPaths)] };
}

/** In Docker's words, which people look for. */
function driversOf([first]: readonly unknown[]): string {
  const { Driver = '', Capabilities } = (first ?? {}) as { Driver?: string; Capabilities?: string[][] | null };
  const words = (Capabilities ?? []).map((all) => `[${all.join(' ')}]`);
  return `${JSON.stringify(Driver)} with capabilities: [${words.join(' ')}]`;
}

function securityOf({ SecurityOpt }: HostConfig): unknown[] {
  return Array.isArray(SecurityOpt) ? SecurityOpt : [];
}

/** Two empty lists are how clients say `systempaths=unconfined`. */
function unmasked(masked: unknown, readOnly: unknown): string[] {
  const [hidden, kept] = [masked, readOnly].map((list) => (Array.isArray(list) ? list.length : undefined));
  if (hidden === undefined && kept === undefined) return [];
  if (hidden === 0 && kept === 0) return ['unmask=ALL'];
  throw unsupported('HostConfig.MaskedPaths and ReadonlyPaths: Podman shows either all of them or the usual ones');
}
