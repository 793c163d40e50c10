import { z } from 'zod';
import { bool, optional, text, textMap, texts } from '#lib/http';

const availability = z
  .enum(['', 'active', 'pause', 'drain'])
  .nullish()
  .transform((value) => value || 'active');

/** The body of POST /swarm/init (Docker Engine API 1.51). */
export const initBody = z.looseObject({
  ListenAddr: text,
  AdvertiseAddr: text,
  DataPathAddr: text,
  DataPathPort: optional(z.number().int().min(0).max(49151)),
  DefaultAddrPool: texts,
  SubnetSize: optional(z.number().int().min(0).max(29)),
  ForceNewCluster: bool,
  AutoLockManagers: bool,
  Availability: availability,
  Spec: optional(
    z.looseObject({
      Name: text,
      Labels: textMap,
      Orchestration: optional(z.looseObject({ TaskHistoryRetentionLimit: optional(z.number().int()) })),
      Raft: optional(z.record(z.string(), optional(z.number().int().min(0)))),
      Dispatcher: optional(z.looseObject({ HeartbeatPeriod: optional(z.number().int().min(0)) })),
      CAConfig: z
        .looseObject({
          NodeCertExpiry: z.number().int().min(0).nullish(),
          ExternalCAs: z.array(z.unknown()).nullish(),
          SigningCACert: text,
          SigningCAKey: text,
        })
        .nullish(),
    }),
  ),
});

/** The body of POST /swarm/join. */
export const joinBody = z.looseObject({
  ListenAddr: text,
  AdvertiseAddr: text,
  DataPathAddr: text,
  RemoteAddrs: z.array(z.string()).nonempty('at least one address of a manager is needed'),
  JoinToken: z.string(),
  Availability: availability,
});
