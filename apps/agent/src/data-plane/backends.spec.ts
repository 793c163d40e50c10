import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerIdOf, type Assignment, type ObservedContainer, type Peer, type Task } from '#lib/domain';
import { openNodeStore, type Store } from '#lib/store';
import { containerOf } from '../swarm/task-container.js';
import { backendsOf } from './backends.js';
import { ServiceTraffic } from './service-traffic.js';

const attachments = [{ networkId: 'net', ipv4: '10.0.0.5', aliases: [] }];
const task: Task = {
  id: 't1',
  createdAt: '',
  updatedAt: '',
  serviceId: 's1',
  serviceName: 'web',
  slot: 1,
  nodeId: 'n1',
  spec: { ContainerSpec: { Image: 'demo' } },
  specVersion: 1,
  desired: 'running',
  status: { state: 'assigned', at: '', message: '' },
  attachments,
  ports: [],
};
const peer: Peer = {
  id: 't0',
  networkId: 'net',
  vtep: '192.0.2.2',
  mac: '02:00:00:00:00:01',
  ipv4: '10.0.0.4',
  ipv6: 'fd00::4',
  names: ['web.2.t0'],
  sharedNames: [],
  service: 'web',
  serviceId: 's1',
  withheld: '',
  leaving: false,
  ports: [],
};
const service = { id: 's1', name: 'web', virtualAddresses: { net: { ipv4: '10.0.0.2' } }, aliases: {}, ports: [] };

const container = containerOf(task, {
  fallback: undefined,
  lease: () => {
    throw new Error('nothing to lease');
  },
  freePort: () => 50_000,
  file: () => undefined,
  seal: (text) => text.toString(),
  node: { hostname: '', os: '', architecture: '' },
  exists: () => true,
  now: '',
});
const observed = (state: ObservedContainer['state']) =>
  new Map([[containerIdOf('t1'), { state, pid: 7 } as ObservedContainer]]);

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skep-backends-'));
  store = await openNodeStore(join(folder, 'node.db'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function assign(...assignments: Assignment[]) {
  await store.commit([
    { op: 'put', kind: 'container', value: container },
    ...assignments.map((value) => ({ op: 'put', kind: 'assignment', value }) as const),
  ]);
}

describe('who answers for a service', () => {
  it('is each replica, here by its container’s state, elsewhere by the manager’s word', async () => {
    await assign(
      { kind: 'task', id: 't1', value: task },
      { kind: 'peer', id: 'net/t0', value: { ...peer, withheld: 'unhealthy' } },
      { kind: 'service', id: 's1', value: service },
    );
    const there = { taskId: 't0', local: false, ipv4: '10.0.0.4', ipv6: 'fd00::4', withheld: 'unhealthy' };
    const here = { taskId: 't1', local: true, ipv4: '10.0.0.5' };
    for (const [state, why] of [
      ['running', ''],
      ['created', 'not started'],
      ['other', 'exited'],
    ] as const) {
      expect(backendsOf(store, observed(state))).toEqual([
        { service, networkId: 'net', backends: [there, { ...here, withheld: why }] },
      ]);
    }
  });

  it('is nobody where there is no replica', async () => {
    await assign({ kind: 'service', id: 's1', value: service });
    expect(backendsOf(store, new Map())).toEqual([{ service, networkId: 'net', backends: [] }]);
  });

  it('is worked out again only after a change of what it follows from', async () => {
    await assign({ kind: 'task', id: 't1', value: task }, { kind: 'service', id: 's1', value: service });
    const traffic = new ServiceTraffic(store);
    const seen = { all: () => observed('running'), revision: 1 };
    const first = traffic.backends(seen);
    expect(first).toEqual(backendsOf(store, observed('running')));
    expect(traffic.backends({ ...seen })).toBe(first);
    const ended = { all: () => observed('other'), revision: 2 };
    expect(traffic.backends(ended)).toEqual(backendsOf(store, observed('other')));
    const before = traffic.backends(ended);
    await assign({ kind: 'peer', id: 'net/t0', value: peer });
    expect(traffic.backends(ended)).not.toEqual(before);
  });
});
