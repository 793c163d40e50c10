import { expect, it } from 'vitest';
import type { NetworkPlanView } from '#lib/contracts';
import { run } from '../program.js';
import { json, TestNode } from '../testing/test-node.js';
import { testSystem } from '../testing/test-system.js';

const PLAN: NetworkPlanView = {
  name: 'lan',
  driver: 'l2bridge',
  internal: false,
  pools: [
    { subnet: '192.0.2.0/24', gateway: '192.0.2.1', ipRange: '192.0.2.128/25', auxAddresses: { nas: '192.0.2.9' } },
  ],
  addresses: 'leased',
  linkName: 'br-lan',
  uplink: 'eth1',
  vlan: 7,
  effects: [{ kind: 'link', says: 'bridge br-lan' }],
  warnings: ['hnsid has no effect'],
};

it("asks with the docker CLI's options and shows what would be made", async () => {
  await using node = await TestNode.start({ 'POST /skep/v1/networks/plan': json(PLAN) });
  const { system, written } = testSystem({ env: { SKEP_HOST: node.socketPath } });
  const options =
    '-d l2bridge --subnet 192.0.2.0/24 --subnet=2001:db8::/64 --gateway 192.0.2.1 --ipv6 --internal ' +
    '--ip-range 192.0.2.128/25 --aux-address nas=192.0.2.9 -o a.b=c=d --label x=';
  const code = await run(['network', 'plan', ...options.split(' '), 'lan'], system);
  expect({ code, stderr: written.stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(node.seen[0]!.body)).toEqual({
    Name: 'lan',
    Driver: 'l2bridge',
    Internal: true,
    EnableIPv4: true,
    EnableIPv6: true,
    IPAM: {
      Config: [
        {
          Subnet: '192.0.2.0/24',
          Gateway: '192.0.2.1',
          IPRange: '192.0.2.128/25',
          AuxiliaryAddresses: { nas: '192.0.2.9' },
        },
        { Subnet: '2001:db8::/64' },
      ],
    },
    Options: { 'a.b': 'c=d' },
    Labels: { x: '' },
  });
  expect(written.stdout.split('\n')).toEqual([
    'network lan, driver l2bridge',
    '  uplink    eth1, VLAN 7',
    '  subnet    192.0.2.0/24, gateway 192.0.2.1; containers get addresses of 192.0.2.128/25; kept free: nas 192.0.2.9',
    '  link      bridge br-lan',
    '  warning   hnsid has no effect',
    '',
  ]);
});

it('refuses an option that is no pair', async () => {
  const { system, written } = testSystem();
  expect(await run(['network', 'plan', '-o', 'vlanid'], system)).not.toBe(0);
  expect(written.stderr).toContain('vlanid: expected KEY=VALUE');
});
