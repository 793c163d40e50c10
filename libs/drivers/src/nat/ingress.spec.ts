import { describe, expect, it } from 'vitest';
import { NodeNames, type Backend, type PortConfig, type ServiceBackends } from '#lib/domain';
import { network } from '../testing/fixtures.js';
import { ingressPorts } from './ingress.js';
import { natRules } from './rules.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const overlay = { vni: 4096, local: '192.0.2.1', port: 4789, peers: [], ingress: true as const };
const ingress = network(names, 'ingress', ['10.0.0.0/24', 'fd00:1::/64'], { driver: 'overlay', overlay });
const http: PortConfig = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' };
const backend = (n: number, more: Partial<Backend> = {}): Backend => {
  return { taskId: `t${n}`, local: false, ipv4: `10.0.0.${n}`, withheld: '', ...more };
};
const service = (backends: Backend[], ports = [http], networkId = ingress.id): ServiceBackends => {
  return { service: { id: 's', name: 'web', virtualAddresses: {}, aliases: {}, ports }, networkId, backends };
};
const rules = (...services: ServiceBackends[]) => natRules(names, [ingress], [], services);
const chain = (text: string, name: string) =>
  new RegExp(`chain ${name} \\{\\n([^]*?)\\n? {2}\\}`)
    .exec(text)?.[1]
    ?.split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

describe('ports that lead to replicas', () => {
  it('choose among those that may be chosen, by turns', () => {
    const text = rules(service([backend(5), backend(6, { withheld: 'leaving' }), backend(7), backend(8)]));
    expect(chain(text, 'ipv4_tcp_8080')).toEqual([
      'meta l4proto tcp numgen inc mod 3 0 dnat ip to 10.0.0.5:80',
      'meta l4proto tcp numgen inc mod 2 0 dnat ip to 10.0.0.7:80',
      'meta l4proto tcp dnat ip to 10.0.0.8:80',
    ]);
    expect(text).toContain('elements = { tcp . 8080 : goto ipv4_tcp_8080 }');
  });

  it('lead nowhere where there is no replica', () => {
    expect(chain(rules(service([backend(5, { withheld: 'unhealthy' })])), 'ipv4_tcp_8080')).toEqual([]);
  });

  it('lead to IPv6 addresses where the network has them', () => {
    const text = rules(service([backend(5, { ipv6: 'fd00:1::5' })], [{ ...http, Protocol: 'udp' }]));
    expect(chain(text, 'ipv6_udp_8080')).toEqual(['meta l4proto udp dnat ip6 to [fd00:1::5]:80']);
  });

  it('are those of services on the ingress network that are not of single nodes', () => {
    const all = [http, { ...http, PublishedPort: 8081, PublishMode: 'host' as const }, { ...http, PublishedPort: 0 }];
    const found = ingressPorts([ingress], [service([backend(5)], all), service([backend(9)], [http], 'other')]);
    expect(found.map(({ port, ipv4 }) => ({ port, ipv4 }))).toEqual([{ port: 8080, ipv4: ['10.0.0.5'] }]);
  });

  it('hide who asks from replicas that could not answer them', () => {
    const text = rules(service([backend(5), backend(6, { hidesClients: true })]));
    expect(text).toMatch(/set hidden4 \{\n\s+type ipv4_addr\n\s+elements = \{ 10\.0\.0\.6 \}/);
  });
});
