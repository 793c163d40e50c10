import { expect, it } from 'vitest';
import { run } from '../program.js';
import { json, TestNode } from '../testing/test-node.js';
import { testSystem } from '../testing/test-system.js';

it('shows what a rescan found, and fails where a network is without an uplink', async () => {
  const uplink = { kind: '', up: true, addresses: ['192.0.2.1/24'] };
  await using node = await TestNode.start({
    'POST /skep/v1/networks/rescan': json({
      uplinks: [
        { ...uplink, name: 'eth0', networks: ['lan'] },
        { ...uplink, name: 'eth1', up: false, master: 'br0', addresses: [], networks: [] },
      ],
      networks: [
        { name: 'lan', uplink: 'eth0', was: 'br0' },
        { name: 'lost', uplink: 'eth9', problem: 'network lost: no interface eth9' },
      ],
    }),
  });
  const { system, written } = testSystem({ env: { SKEP_HOST: node.socketPath } });
  const code = await run(['network', 'rescan'], system);
  expect({ code, ...written }).toEqual({
    code: 1,
    stdout: [
      'INTERFACE   KIND       STATE               ADDRESSES      NETWORKS',
      'eth0        physical   up                  192.0.2.1/24   lan',
      'eth1        physical   down, port of br0',
      'network lan: moved from br0 to eth0',
      '',
    ].join('\n'),
    stderr: 'skep: network lost: no interface eth9\n',
  });
});
