import { invalid, unsupported } from '#lib/common';
import type { HostConfig } from '../docker-api/dialect.js';
import { isUsuallyMasked, isUsuallyReadOnly } from '../docker-api/kernel-paths.js';
import { hasCgroup2 } from './runtime.js';

/** What Podman runs a container with, by whatever name Docker's clients ask for it. */
const RUNTIMES: readonly unknown[] = ['', 'runc', 'crun', 'oci', 'io.containerd.runc.v2'];

/** Fields that Podman's Docker API passes over in silence, and the values by which they ask for nothing. */
const PASSED_OVER: Readonly<Record<string, readonly unknown[]>> = {
  VolumeDriver: ['', 'local'],
  Isolation: ['', 'default'],
  Cgroup: [''],
  DeviceCgroupRules: [],
  KernelMemory: [0],
  KernelMemoryTCP: [0],
  CpuCount: [0],
  CpuPercent: [0],
  IOMaximumIOps: [0],
  IOMaximumBandwidth: [0],
};

/**
 * Refuses what would be lost on the way, and says the rest in Podman's own way.
 * @param ownCgroupns have containers a cgroup namespace of their own here?
 */
export function withoutPassedOver(given: HostConfig, ownCgroupns = hasCgroup2()): HostConfig {
  const { MaskedPaths, ReadonlyPaths, ContainerIDFile: _writtenByTheClient, Runtime, DeviceRequests, ...rest } = given;
  if (Runtime !== undefined && Runtime !== null && !RUNTIMES.includes(Runtime)) {
    throw invalid(`unknown or invalid runtime name: ${JSON.stringify(Runtime)}`);
  }
  for (const [key, nothing] of Object.entries(PASSED_OVER)) {
    const value = rest[key];
    if (value === undefined || value === null || nothing.includes(value) || isEmptyList(value)) continue;
    throw unsupported(`HostConfig.${key} ${JSON.stringify(value)}: Podman does not do that`);
  }
  if (ownCgroupns && rest['CgroupnsMode'] === 'host') {
    throw unsupported('HostConfig.CgroupnsMode "host": Podman gives each container a cgroup namespace of its own here');
  }
  if (Array.isArray(DeviceRequests) && DeviceRequests.length > 0) {
    throw unsupported(
      `could not select device driver ${driversOf(DeviceRequests)}: HostConfig.DeviceRequests (--gpus): Podman takes devices by path (--device)`,
    );
  }
  return { ...rest, SecurityOpt: [...securityOf(rest), ...unmasked(MaskedPaths, ReadonlyPaths)] };
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** In Docker's words, which people look for. */
function driversOf([first]: readonly unknown[]): string {
  const { Driver = '', Capabilities } = (first ?? {}) as { Driver?: string; Capabilities?: string[][] | null };
  const words = (Capabilities ?? []).map((all) => `[${all.join(' ')}]`);
  return `${JSON.stringify(Driver)} with capabilities: [${words.join(' ')}]`;
}

function securityOf({ SecurityOpt }: HostConfig): unknown[] {
  return Array.isArray(SecurityOpt) ? SecurityOpt : [];
}

/**
 * Two empty lists are how clients say `systempaths=unconfined`. The usual ones are what an inspection shows where nobody
 * asked, and come back from whoever makes a container anew from it.
 */
function unmasked(masked: unknown, readOnly: unknown): string[] {
  const hidden = Array.isArray(masked) && !isUsuallyMasked(masked) ? masked : undefined;
  const kept = Array.isArray(readOnly) && !isUsuallyReadOnly(readOnly) ? readOnly : undefined;
  if (!hidden && !kept) return [];
  if (hidden?.length === 0 && kept?.length === 0) return ['unmask=ALL'];
  throw unsupported(
    `HostConfig.MaskedPaths ${shown(masked)} and ReadonlyPaths ${shown(readOnly)}: Podman shows either all of them ` +
      '(two empty lists) or hides the usual ones (no lists, or those that an inspection shows)',
  );
}

const shown = (list: unknown): string => JSON.stringify(list ?? null).slice(0, 200);
