import { expect, it } from 'vitest';
import { createBody } from './create-body.js';
import { withImage } from './image-merge.js';

it('exposes each port of a range by itself, whoever wrote the range', () => {
  const body = createBody.parse({ ExposedPorts: { '53/udp': {}, '80': {} } });
  const { ExposedPorts } = withImage(body, { ExposedPorts: { '8000-8002/tcp': {}, '53/udp': {} } });
  expect(Object.keys(ExposedPorts).sort()).toEqual(['53/udp', '80/tcp', '8000/tcp', '8001/tcp', '8002/tcp']);
});
