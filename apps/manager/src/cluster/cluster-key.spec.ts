import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { swarmFolder, writeSwarmFile } from '#lib/contracts';
import { ClusterKey } from './cluster-key.js';

describe('the key of a cluster', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'skep-cluster-key-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const file = () => join(swarmFolder(root), 'cluster.key');

  it('is made once, for its owner only, and unseals what it sealed', () => {
    const sealed = ClusterKey.open(root).seal(Buffer.from('a secret'));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(ClusterKey.open(root).unseal(sealed).toString()).toBe('a secret');
  });

  it('is not made anew for a database that another one sealed', () => {
    ClusterKey.open(root);
    writeFileSync(join(swarmFolder(root), 'cluster.db'), '');
    rmSync(file());
    expect(() => ClusterKey.open(root)).toThrow(/cluster\.key is gone.*restore/);
  });

  it('is refused when it is none', () => {
    writeSwarmFile(root, 'cluster.key', 'half');
    expect(() => ClusterKey.open(root)).toThrow(/holds no key, 64 hexadecimal digits/);
  });
});
