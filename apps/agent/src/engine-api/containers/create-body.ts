import { z } from 'zod';
import { bool, optional, text, textMap, texts } from '#lib/http';
import { mount } from '../../volumes/mounts.js';

/** Docker accepts one text for a command, too. */
const words = optional(z.union([z.array(z.string()), z.string().transform((word) => [word])]));
const number = optional(z.number());
const keys = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});

/** NetworkingConfig.EndpointsConfig: one attachment. */
export const endpointSettings = z
  .looseObject({
    IPAMConfig: optional(z.looseObject({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
    Links: texts,
    Aliases: texts,
    MacAddress: text,
    DriverOpts: textMap,
    GwPriority: optional(z.number().int()),
  })
  .nullish()
  .transform((value) => value ?? undefined);

export type EndpointSettings = z.infer<typeof endpointSettings>;

const healthcheck = optional(
  z.looseObject({
    Test: texts,
    Interval: number,
    Timeout: number,
    StartPeriod: number,
    StartInterval: number,
    Retries: number,
  }),
);

const bindings = z
  .record(z.string(), z.array(z.object({ HostIp: text, HostPort: text })).nullable())
  .nullish()
  .transform((value) => value ?? {});

/** Checked before the engine sees them. */
const LIMITS = {
  Memory: number,
  MemorySwap: number,
  MemoryReservation: number,
  MemorySwappiness: number,
  NanoCpus: number,
  CpuPeriod: number,
  CpuQuota: number,
  CpuShares: number,
  PidsLimit: number,
  OomScoreAdj: number,
  ShmSize: number,
};

/** What of HostConfig is skep's own to do; the rest goes to the container engine as it is. */
export const hostConfig = z.looseObject({
  NetworkMode: text,
  PortBindings: bindings,
  PublishAllPorts: bool,
  RestartPolicy: optional(z.object({ Name: text, MaximumRetryCount: number })),
  AutoRemove: bool,
  Links: texts,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  ...LIMITS,
  Binds: texts,
  Mounts: optional(z.array(mount)),
  VolumesFrom: texts,
  PidMode: text,
  IpcMode: text,
});

export type HostConfigBody = z.infer<typeof hostConfig>;

/** The body of POST /containers/create (Docker Engine API 1.51). */
export const createBody = z.looseObject({
  Image: z.string().default(''),
  Cmd: words,
  Entrypoint: words,
  Env: texts,
  Labels: textMap,
  Hostname: text,
  Domainname: text,
  User: text,
  WorkingDir: text,
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: keys,
  Volumes: keys,
  StopSignal: text,
  StopTimeout: optional(z.number().int()),
  MacAddress: text,
  NetworkDisabled: bool,
  Healthcheck: healthcheck,
  HostConfig: optional(hostConfig),
  NetworkingConfig: optional(z.looseObject({ EndpointsConfig: optional(z.record(z.string(), endpointSettings)) })),
});

export type CreateBody = z.infer<typeof createBody>;
