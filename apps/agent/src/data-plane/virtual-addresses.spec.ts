import { describe, expect, it } from 'vitest';
import type { Backend, Container, ServiceBackends } from '#lib/domain';
import { translationsFor } from './virtual-addresses.js';

const backend = (taskId: string, ipv4: string, over: Partial<Backend> = {}): Backend => ({
  taskId,
  local: false,
  ipv4,
  withheld: '',
  ...over,
});
const web = (networkId: string, address: object, backends: Backend[]): ServiceBackends => ({
  service: { id: 's1', name: 'web', virtualAddresses: { [networkId]: address }, aliases: {}, ports: [] },
  networkId,
  backends,
});
const on = (id: string, ...networks: string[]) =>
  ({ id, networkMode: 'bridged', endpoints: networks.map((networkId) => ({ networkId })) }) as Container;
const three = [backend('a', '10.0.0.5'), backend('b', '10.0.0.6', { ipv6: 'fd00::6' }), backend('c', '10.0.0.7')];

describe('what a container translates', () => {
  it('is the virtual addresses of its networks, to the replicas that are not withheld', () => {
    const services = [
      web('front', { ipv4: '10.0.0.2', ipv6: 'fd00::2' }, [
        backend('a', '10.0.0.5', { withheld: 'leaving' }),
        ...three.slice(1),
      ]),
      web('other', { ipv4: '10.1.0.2' }, [backend('z', '10.1.0.9')]),
    ];
    expect(translationsFor([on('000000', 'front', 'plain'), on('000001', 'plain')], services)).toEqual(
      new Map([
        [
          '000000',
          [
            { address: '10.0.0.2', to: ['10.0.0.6', '10.0.0.7'] },
            { address: 'fd00::2', to: ['fd00::6'] },
          ],
        ],
      ]),
    );
  });

  it('begins with another replica in each container', () => {
    const found = translationsFor([on('000000', 'n'), on('000001', 'n')], [web('n', { ipv4: '10.0.0.2' }, three)]);
    expect([...found.values()].map(([each]) => each!.to[0])).toEqual(['10.0.0.5', '10.0.0.6']);
  });

  it('has nobody behind an address of a service without replicas', () => {
    const found = translationsFor([on('000000', 'n')], [web('n', { ipv4: '10.0.0.2' }, [])]);
    expect(found.get('000000')).toEqual([{ address: '10.0.0.2', to: [] }]);
  });

  it('is nothing in a namespace that is not its own', () => {
    const shared = { ...on('000000', 'n'), networkMode: 'host' as const };
    expect(translationsFor([shared], [web('n', { ipv4: '10.0.0.2' }, three)]).size).toBe(0);
  });
});
