import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Task } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { NetworksController } from './networks.controller.js';

let cluster: TestCluster;
let networks: NetworksController;

beforeEach(() => {
  vi.useFakeTimers();
  cluster = new TestCluster();
  cluster.node('a');
  cluster.network('front');
  networks = new NetworksController(cluster.store());
});
afterEach(() => {
  vi.useRealTimers();
});

/** A task of a service that was just removed. */
function leaving(container: object, labels: Record<string, string> = {}): Task {
  const spec = { ContainerSpec: { Image: 'demo', ...container }, Networks: [{ Target: 'front-id' }] };
  const { id } = cluster.service('web', { TaskTemplate: spec, Labels: labels });
  cluster.settle(LOOPS);
  cluster.work();
  cluster.apply([{ op: 'delete', kind: 'service', id }]);
  cluster.settle(LOOPS);
  return cluster.tasks('web')[0]!;
}

/** What has become of the removal after so many milliseconds. */
async function removal(): Promise<(ms: number) => Promise<string>> {
  let state = 'waits';
  networks.remove('front').then(
    () => (state = 'removed'),
    (error: Error) => (state = error.message),
  );
  return async (ms) => {
    await vi.advanceTimersByTimeAsync(ms);
    return state;
  };
}

it.each([
  ['grace period', { StopGracePeriod: 60e9 }, {}, 60_000],
  ['grace period of Docker’s', { StopGracePeriod: null }, {}, 10_000],
  ['time for what was begun', {}, { 'x-skep.drain': '5m' }, 310_000],
])('a network is not removed before a task’s %s is over', async (_what, container, labels, takes) => {
  const task = leaving(container, labels);
  const after = await removal();
  expect(await after(takes + 20_000)).toBe('waits');
  cluster.report([task], 'shutdown');
  expect(await after(200)).toBe('removed');
});

it('a network is refused when a task takes longer than it may', async () => {
  leaving({ StopGracePeriod: 60e9 });
  const after = await removal();
  expect(await after(100_000)).toContain('is in use by a task that is shutting down');
});

it('a prune passes at once over a network that a task is still on', async () => {
  leaving({ StopGracePeriod: 60e9 });
  await expect(networks.remove('front', 'false')).rejects.toThrow('is in use by a task that is shutting down');
});

const SHIM = 'com.docker.network.windowsshim.';
const MTU = 'com.docker.network.driver.mtu';

it.each([
  ['what is no prefix', { [`${SHIM}outboundnat_exceptions`]: '10.0.0.0' }, 'expected prefixes'],
  ['an MTU that is no number', { [MTU]: 'abc' }, 'expected a number from 68'],
  ['an MTU that IPv6 does not fit in', { [MTU]: '1000' }, 'too small for IPv6'],
  ['an interface', { [`${SHIM}interface`]: 'eth0' }, 'cannot be used with driver overlay'],
  ['a VLAN', { [`${SHIM}vlanid`]: '5' }, 'cannot be used with driver overlay'],
  ['an unknown option', { [`${SHIM}dnsserver`]: '10.0.0.1' }, `did you mean ${SHIM}dnsservers?`],
])('refuses a network with %s, which no node could make', async (_what, Options, why) => {
  await expect(networks.create({ Name: 'lan', Driver: 'overlay', EnableIPv6: true, Options })).rejects.toThrow(why);
  expect(networks.list().map(({ Name }) => Name)).toEqual(['front']);
});

it('warns of options that change nothing, and of none that does', async () => {
  const idle = [
    `${SHIM}networkname`,
    `${SHIM}macpool`,
    `${SHIM}hnsid`,
    'com.docker.network.bridge.name',
    'com.example.a',
  ];
  const pool = '02-00-00-00-aa-00-02-00-00-00-aa-01';
  const Options = {
    ...Object.fromEntries(idle.map((key) => [key, key.endsWith('macpool') ? pool : 'lan0'])),
    [MTU]: '1300',
    [`${SHIM}outboundnat_exceptions`]: '10.0.0.0/8',
    encrypted: '',
  };
  const { Warning } = await networks.create({ Name: 'lan', Driver: 'overlay', Options });
  const warnings = Warning.split('\n');
  expect(warnings).toHaveLength(idle.length);
  for (const key of idle) expect(warnings).toContainEqual(expect.stringContaining(`option ${key} has no effect`));
});
