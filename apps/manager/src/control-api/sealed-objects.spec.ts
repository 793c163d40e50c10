import { describe, expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { SealedObjects } from './sealed-objects.js';

describe.each(['secret', 'config'] as const)('a %s', (kind) => {
  const key = {
    seal: (text: Buffer) => `sealed ${text.toString('hex')}`,
    unseal: (sealed: string) => Buffer.from(sealed.split(' ')[1]!, 'hex'),
  };
  const cluster = new TestCluster();
  const objects = new SealedObjects(kind, cluster.store(), key, kind === 'config');
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

  it('is sealed, and opened only where it may be shown', () => {
    for (const { spec } of cluster.list(kind)) expect(spec.Data).toMatch(/^sealed /);
    expect(objects.inspect('conf').Spec).toEqual({
      Name: 'conf',
      Labels: {},
      Templating: null,
      ...(kind === 'config' && { Data: body.Data }),
    });
  });

  it('takes its own content back with other labels, and no other content', async () => {
    await objects.update('other', '1', { ...body, Name: 'other', Labels: { a: 'b' } });
    expect(objects.inspect('other').Spec).toMatchObject({ Labels: { a: 'b' } });
    const changed = objects.update('other', '2', { Name: 'other', Data: 'Zm9v' });
    await expect(changed).rejects.toThrow('only updates to Labels are allowed');
  });
});
