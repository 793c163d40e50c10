import { expect, it } from 'vitest';
import type { Network, Task, Tunnel } from '#lib/domain';
import type { Step } from '#lib/planner';
import type { Store } from '#lib/store';
import { ReconcilerBus } from '../reconciler/events.js';
import { NetworkTroubles } from './network-troubles.js';

const networks: Record<string, Partial<Network>> = {
  open: { overlay: { vni: 1, local: '', port: 4789, peers: [] } },
  secret: { overlay: { vni: 2, local: '', port: 4789, peers: [], encryption: {} as Tunnel } },
};
const store = { get: (_kind: string, id: string) => networks[id] && { value: networks[id] } } as unknown as Store;
const task = (...on: string[]) =>
  ({ attachments: on.map((networkId) => ({ networkId, aliases: [] })) }) as unknown as Task;
const step = (id: string) => ({ id, kind: id.split(' ')[0] }) as Step;

it('a task is told why its networks are not there, until they are, and of no others', () => {
  const bus = new ReconcilerBus();
  const troubles = new NetworkTroubles(store, bus);
  let changes = 0;
  troubles.onChange(() => (changes += 1));
  const asked = () => [troubles.of(task('open')), troubles.of(task('secret')), troubles.of(task('open', 'secret'))];

  bus.failed(step('tunnel.ensure node'), new Error('the port is taken'));
  bus.failed(step('tunnel.ensure node'), new Error('the port is taken'));
  bus.failed(step('container.start x'), new Error('something else'));
  expect([asked(), changes]).toEqual([[undefined, 'the port is taken', 'the port is taken'], 1]);

  bus.failed(step('network.ensure open'), new Error('no address'));
  bus.done(step('tunnel.ensure node'));
  expect(asked()).toEqual(['no address', undefined, 'no address']);
  bus.done(step('network.ensure open'));
  expect([asked(), changes]).toEqual([[undefined, undefined, undefined], 4]);
});
