import { describe, expect, it } from 'vitest';
import type { KnownContainer } from '../../containers/container-directory.js';
import { emptySample, isSample, linkCounters, sampleOf } from './stats-json.js';

const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:    1296      12    1    2    0     0          0         0      876      10    3    4    0     0       0          0
`;
const about = { container: { id: 'ours', name: 'web', networkMode: 'bridged' } } as unknown as KnownContainer;

describe('what a container uses', () => {
  it('counts what passes its links, not its loopback', () => {
    expect(linkCounters(NET_DEV)).toEqual({
      eth0: {
        rx_bytes: 1296,
        rx_packets: 12,
        rx_errors: 1,
        rx_dropped: 2,
        tx_bytes: 876,
        tx_packets: 10,
        tx_errors: 3,
        tx_dropped: 4,
      },
    });
  });

  it('names it as we do, with the sample before', () => {
    const engines = { read: 't2', cpu_stats: 2, name: 'x', Id: 'theirs', networks: { network: {} }, num_procs: 0 };
    const before = { read: 't1', cpu_stats: 1 };
    expect(sampleOf(engines, before, about, {})).toEqual({
      read: 't2',
      cpu_stats: 2,
      num_procs: 0,
      preread: 't1',
      precpu_stats: 1,
      name: '/web',
      id: 'ours',
      networks: {},
    });
  });

  it('has the limit that was set last', () => {
    const updated = { container: { ...about.container, resources: { Memory: 64 } } };
    const sample = sampleOf({ read: 't', cpu_stats: 1, memory_stats: { usage: 3, limit: 32 } }, undefined, updated, {});
    expect(sample).toMatchObject({ memory_stats: { usage: 3, limit: 64 } });
  });

  it('has no networks where they are the node’s', () => {
    const host = { container: { ...about.container, networkMode: 'host' as const } };
    expect(sampleOf({ read: 't', cpu_stats: 1 }, undefined, host, {})).not.toHaveProperty('networks');
  });

  it('is nothing while it does not run', () => {
    expect(isSample(emptySample(about))).toBe(false);
    expect(emptySample(about)).toMatchObject({ name: '/web', id: 'ours', memory_stats: {} });
  });
});
