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
