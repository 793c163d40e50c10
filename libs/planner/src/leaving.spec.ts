import { describe, expect, it } from 'vitest';
import { plan } from './plan.js';
import { container, desired, find, network, settled } from './testing/fixtures.js';

describe('containers that leave', () => {
  const front = network('front');

  it('are out of the way before the one that has their name and address is made', () => {
    const old = container('web', [front], { target: 'removed' });
    const fresh = { ...container('web', [front]), id: 'new'.padEnd(64, '1'), specHash: 'h2' };
    const world = settled(desired({ networks: [front], containers: [old] }));
    const next = plan(desired({ networks: [front], containers: [old, fresh] }), world);
    expect(find(next, 'container.create', fresh.id)?.after).toEqual([
      `container.remove ${old.id}`,
      `sandbox.ensure ${fresh.id}`,
    ]);
    expect(find(next, 'sandbox.ensure', fresh.id)?.after).toEqual([`sandbox.remove ${old.id}`]);
  });

  it('are gone before the one that comes in their place starts, whatever the names of both', () => {
    const old = { ...container('db', [], { networkMode: 'none', target: 'removed' }), name: 'renamed' };
    const second = { ...container('db', [], { networkMode: 'none', number: 2 }), specHash: 'h2' };
    const fresh = { ...container('db', [], { networkMode: 'none' }), id: 'new'.padEnd(64, '1') };
    const world = settled(desired({ containers: [old] }));
    const next = plan(desired({ containers: [old, fresh, second] }), world);
    expect(find(next, 'container.start', fresh.id)?.after).toContain(`container.remove ${old.id}`);
    expect(find(next, 'container.remove', old.id)?.after).toContain(`container.stop ${old.id}`);
    for (const other of [second, { ...fresh, project: 'other' }, { ...fresh, project: undefined }]) {
      const alone = plan(desired({ containers: [old, other] }), world);
      expect(find(alone, 'container.start', other.id)?.after).not.toContain(`container.remove ${old.id}`);
    }
  });
});
