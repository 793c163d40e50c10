import type { z } from 'zod';
import { heartbeatOf, type ClusterSpec } from '#lib/domain';
import type { initBody } from './bodies.js';

/** What holds where a cluster does not say otherwise. Nanoseconds, entries, ticks. */
const HEARTBEAT = heartbeatOf({}) * 1e6;
const HISTORY = 5;
const CERTIFICATE_LIFE = 90 * 86_400e9;
/** Docker's. There is one manager, so none of it is used. */
const RAFT = {
  SnapshotInterval: 10_000,
  KeepOldSnapshots: 0,
  LogEntriesForSlowFollowers: 500,
  ElectionTick: 10,
  HeartbeatTick: 1,
};

/**
 * The spec that a cluster is founded with: Docker's defaults, and over them what the request says; clients write 0 and null for
 * what nobody has asked for. A later update gives the whole spec instead. Pure.
 */
export function firstSpec(asked: z.infer<typeof initBody>['Spec']): ClusterSpec {
  const raft = Object.entries(asked?.Raft ?? {}).filter(([, value]) => value);
  return {
    ...asked,
    Name: asked?.Name || 'default',
    Labels: asked?.Labels ?? {},
    Orchestration: {
      ...asked?.Orchestration,
      TaskHistoryRetentionLimit: asked?.Orchestration?.TaskHistoryRetentionLimit ?? HISTORY,
    },
    Raft: { ...RAFT, ...Object.fromEntries(raft) },
    Dispatcher: { ...asked?.Dispatcher, HeartbeatPeriod: asked?.Dispatcher?.HeartbeatPeriod || HEARTBEAT },
    CAConfig: { ...asked?.CAConfig, NodeCertExpiry: asked?.CAConfig?.NodeCertExpiry || CERTIFICATE_LIFE },
  } as ClusterSpec;
}
