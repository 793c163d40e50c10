import { z } from 'zod';

const number = z.number().default(0);
const flag = z.boolean().default(false);
const text = z.string().default('');

/** What of the engine's own GET /info is true of the node, too. */
export const engineInfo = z.object({
  Images: number,
  Driver: text,
  DriverStatus: z.array(z.array(z.string())).nullish(),
  Plugins: z
    .object({ Volume: z.array(z.string()).nullish(), Log: z.array(z.string()).nullish() })
    .default({ Volume: ['local'], Log: [] }),
  MemoryLimit: flag,
  SwapLimit: flag,
  CpuCfsPeriod: flag,
  CpuCfsQuota: flag,
  CPUShares: flag,
  CPUSet: flag,
  PidsLimit: flag,
  OomKillDisable: flag,
  IPv4Forwarding: flag,
  CgroupDriver: text,
  CgroupVersion: text,
  KernelVersion: text,
  OperatingSystem: text,
  OSVersion: text,
  NCPU: number,
  MemTotal: number,
  HttpProxy: text,
  HttpsProxy: text,
  NoProxy: text,
  Name: text,
  DefaultRuntime: text,
  Runtimes: z.record(z.string(), z.unknown()).default({}),
  InitBinary: text,
  SecurityOptions: z.array(z.string()).nullish(),
});

export type EngineInfoBody = z.infer<typeof engineInfo>;
