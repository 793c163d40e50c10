import { expect, it } from 'vitest';
import { ociResources } from './podman-update.js';

it('puts limits where the OCI runtime has them', () => {
  const asked = { Memory: 64 << 20, MemorySwap: -1, NanoCpus: 1_500_000_000, CpusetCpus: '0', PidsLimit: 10 };
  expect(ociResources(asked)).toEqual({
    memory: { limit: 64 << 20, swap: -1 },
    cpu: { cpus: '0', period: 100_000, quota: 150_000 },
    pids: { limit: 10 },
  });
});

it('names what Podman cannot change', () => {
  expect(() => ociResources({ Memory: 1, Ulimits: [], Devices: [] })).toThrow(/^Ulimits and Devices: Podman cannot/);
});
