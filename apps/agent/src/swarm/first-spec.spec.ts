import { expect, it } from 'vitest';
import { initBody } from './bodies.js';
import { firstSpec } from './first-spec.js';

const first = (Spec?: object) => firstSpec(initBody.parse({ Spec }).Spec);
const DEFAULTS = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    SnapshotInterval: 10_000,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 500,
    ElectionTick: 10,
    HeartbeatTick: 1,
  },
  Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
  CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
};

it.each([
  ['nothing', undefined],
  [
    'what the docker CLI sends where no option is given',
    {
      Labels: null,
      Orchestration: {},
      Raft: { ElectionTick: 0, HeartbeatTick: 0 },
      Dispatcher: {},
      CAConfig: {},
      TaskDefaults: {},
      EncryptionConfig: { AutoLockManagers: false },
    },
  ],
])('a cluster has Docker’s defaults for %s', (_what, asked) => {
  expect(first(asked)).toMatchObject(DEFAULTS);
});

it('a cluster has what is asked for', () => {
  const asked = {
    Name: 'north',
    Labels: { region: 'eu' },
    Orchestration: { TaskHistoryRetentionLimit: 0 },
    Raft: { SnapshotInterval: 1 },
    Dispatcher: { HeartbeatPeriod: 1e9 },
    CAConfig: { NodeCertExpiry: 3600e9, ForceRotate: 1 },
    TaskDefaults: { LogDriver: { Name: 'none' } },
  };
  expect(first(asked)).toEqual({ ...asked, Raft: { ...DEFAULTS.Raft, SnapshotInterval: 1 } });
});
