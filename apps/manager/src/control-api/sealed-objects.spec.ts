import { describe, expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { SealedObjects } from './sealed-objects.js';

describe.each(['secret', 'config'] as const)('a %s', (kind) => {
  const keeping = { keep: (data: string) => data, open: (kept: string) => kept };
  const cluster = new TestCluster();
  const objects = new SealedObjects(kind, cluster.store(), keeping, true);
  const body = { Name: 'conf', Data: Buffer.from('{{.Node.ID}}').toString('base64') };

  it('with a template driver is refused, since tasks would be given the template itself', async () => {
    await expect(objects.create({ ...body, Templating: { Name: 'golang' } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('Templating') as string,
    });
    expect(cluster.list(kind)).toEqual([]);
  });

  it('is taken without one, which may be written null', async () => {
    await objects.create({ ...body, Templating: null });
    await objects.create({ ...body, Name: 'other' });
    expect(cluster.list(kind).map(({ spec }) => spec.Name)).toEqual(['conf', 'other']);
  });
});
