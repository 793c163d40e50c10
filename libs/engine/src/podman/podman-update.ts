import type Docker from 'dockerode';
import { listed, unsupported } from '#lib/common';
import { dial } from '../docker-api/dial.js';

type Resources = Readonly<Record<string, unknown>>;

/** Docker's name → where the OCI runtime specification has it (LinuxResources), which is what Podman takes. */
const PLACES: Readonly<Record<string, readonly [group: string, field: string]>> = {
  CpuShares: ['cpu', 'shares'],
  CpuPeriod: ['cpu', 'period'],
  CpuQuota: ['cpu', 'quota'],
  CpuRealtimePeriod: ['cpu', 'realtimePeriod'],
  CpuRealtimeRuntime: ['cpu', 'realtimeRuntime'],
  CpusetCpus: ['cpu', 'cpus'],
  CpusetMems: ['cpu', 'mems'],
  Memory: ['memory', 'limit'],
  MemoryReservation: ['memory', 'reservation'],
  MemorySwap: ['memory', 'swap'],
  PidsLimit: ['pids', 'limit'],
  BlkioWeight: ['blockIO', 'weight'],
};

/** Podman 4.3 and newer: only its own API changes limits. */
export async function updatePodman(docker: Docker, engineId: string, resources: Resources): Promise<void> {
  await dial(docker, {
    method: 'POST',
    path: `/v4.0.0/libpod/containers/${engineId}/update`,
    json: ociResources(resources),
  });
}

export function ociResources(resources: Resources): Record<string, Record<string, unknown>> {
  const { NanoCpus, ...others } = resources;
  const given = {
    ...others,
    ...(NanoCpus !== undefined && { CpuPeriod: 100_000, CpuQuota: Math.round(Number(NanoCpus) / 10_000) }),
  };
  const unknown = Object.keys(given).filter((name) => !(name in PLACES));
  if (unknown.length > 0) throw unsupported(`${listed(unknown)}: Podman cannot change that of a container`);
  const oci: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(given)) {
    const [group, field] = PLACES[name]!;
    oci[group] = { ...oci[group], [field]: value };
  }
  return oci;
}
