import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { kernelView } from '../kernel-view.js';
import { contextOn, network } from '../testing/fixtures.js';
import { ensureNetwork, networkReady } from './network.js';

const names = new NodeNames(newId());

describe.each([
  ['l2bridge', {}],
  ['l2tunnel', {}],
  ['l2bridge', { vlan: 7 }],
] as const)('the links of %s %j', (driver, more) => {
  const lan = network(names, 'lan', ['192.0.2.0/24'], { driver, uplink: 'eth0', ...more });

  it('are complete only while the uplink is up, which is set up where it is down', async () => {
    const host = new FakeHost();
    const context = contextOn(host, names);
    await host.ip([['link', 'add', 'name', 'eth0', 'type', 'dummy']]);
    const isUp = () => host.links().find(({ name }) => name === 'eth0')?.up;
    const ready = () => networkReady(lan, kernelView(context));

    await ensureNetwork(lan, context);
    expect([isUp(), ready()]).toEqual([true, true]);
    await host.ip([['link', 'set', 'dev', 'eth0', 'down']]);
    expect(ready()).toBe(false);
    const before = host.ran.length;
    await ensureNetwork(lan, context);
    expect([isUp(), ready()]).toEqual([true, true]);
    if (!('vlan' in more)) expect(host.ran.slice(before)).toEqual([{ line: 'link set dev eth0 up' }]);
  });
});
