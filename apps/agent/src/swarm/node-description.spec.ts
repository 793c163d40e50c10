import { expect, it } from 'vitest';
import type { Membership } from '#lib/contracts';
import { nodeDescription } from './node-description.js';

it('tells the labels that the node was configured with', () => {
  const { engineLabels } = nodeDescription(
    { dataAddr: '10.0.0.1' } as Membership,
    ['disk=ssd', 'note=a=b', 'none='],
    {},
  );
  expect(engineLabels).toEqual({ disk: 'ssd', note: 'a=b', none: '' });
});

it.each([
  ['manager', '10.0.0.1:2377'],
  ['worker', undefined],
] as const)('tells where its manager is reached, where it has one: %s', (role, address) => {
  const membership = { role, dataAddr: '10.0.0.1', advertiseAddr: '10.0.0.1:2377' } as Membership;
  expect(nodeDescription(membership, [], {}).managerAddress).toBe(address);
});
