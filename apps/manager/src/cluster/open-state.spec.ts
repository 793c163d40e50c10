import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { swarmFolder, type Membership } from '#lib/contracts';
import { openState } from './open-state.js';

describe('the state of a cluster', () => {
  const membership: Membership = {
    role: 'manager',
    managers: ['10.0.0.1:2377'],
    advertiseAddr: '10.0.0.1:2377',
    listenAddr: '0.0.0.0:2377',
    dataAddr: '10.0.0.1',
    founding: {
      clusterId: 'cluster',
      spec: { Name: 'default' },
      addressPools: [{ base: '10.0.0.0/8', size: 24 }],
      dataPathPort: 4789,
      availability: 'active',
    },
  };
  let root: string;
  const open = async (nodeId?: string) => {
    const { store, cluster } = await openState(root, { ...membership, ...(nodeId && { nodeId }) });
    await store.close();
    return cluster;
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'skep-state-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is made once, also where the founding was interrupted', async () => {
    const founded = await open();
    expect(founded.id).toBe('cluster');
    expect(await open()).toEqual(founded);
    expect(await open('node')).toEqual(founded);
  });

  it('is not made anew where the node is in its cluster, and nothing is left that looks like it', async () => {
    await open();
    renameSync(join(swarmFolder(root), 'cluster.db'), join(root, 'kept'));
    rmSync(join(swarmFolder(root), 'cluster.key'));
    await expect(open('node')).rejects.toThrow(/cluster\.db is gone.*skep restore.*docker swarm leave --force/);
    expect(readdirSync(swarmFolder(root))).toEqual([]);
  });
});
