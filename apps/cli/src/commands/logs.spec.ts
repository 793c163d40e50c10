import { expect, it } from 'vitest';
import { run } from '../program.js';
import { json, TestNode } from '../testing/test-node.js';
import { testSystem } from '../testing/test-system.js';

it('fails where the answer broke off, after what there was', async () => {
  await using node = await TestNode.start({
    'GET /skep/v1/projects/shop/containers': json([]),
    'GET /skep/v1/projects/shop/logs': (_, response) => {
      response.write('{"container":"shop-web-1","line":"hi"}\n', () => response.destroy());
    },
  });
  const { system, written } = testSystem({ env: { SKEP_HOST: node.socketPath } });
  expect(await run(['-p', 'shop', 'logs'], system)).toBe(1);
  expect(written).toEqual({
    stdout: 'web-1  | hi\n',
    stderr: expect.stringContaining('what it has said is not complete'),
  });
});
