import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  forgetMembership,
  readMembership,
  swarmFolder,
  writeMembership,
  writeSwarmFile,
  type Membership,
} from './membership.js';

describe('the file of a membership', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'skep-membership-file-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const worker: Membership = {
    role: 'worker',
    managers: ['10.0.0.1:2377'],
    advertiseAddr: '10.0.0.2:2377',
    listenAddr: '0.0.0.0:2377',
    dataAddr: '10.0.0.2',
  };
  const founder: Membership = {
    ...worker,
    role: 'manager',
    nodeId: 'n1',
    founding: {
      clusterId: 'c1',
      spec: { Name: 'default', Labels: {}, Dispatcher: { HeartbeatPeriod: 5e9 } },
      addressPools: [{ base: '10.0.0.0/8', size: 24 }],
      dataPathPort: 4789,
      availability: 'active',
    },
  };

  it.each([
    ['worker', worker],
    ['founder', founder],
    ['node of another version', { ...worker, added: { later: true } }],
  ])('gives back what was written of a %s, which root alone reads', (_who, membership) => {
    writeMembership(root, membership);
    expect(readMembership(root)).toEqual(membership);
    expect(statSync(join(swarmFolder(root), 'membership.json')).mode & 0o777).toBe(0o600);
    forgetMembership(root);
    expect(readMembership(root)).toBeUndefined();
  });

  it.each([
    ['', 'Unexpected end of JSON input'],
    ['{"role":', 'JSON'],
    ['[]', 'it: Invalid input: expected object, received array'],
    ['{"nodeId":"n1"}', 'role: Invalid option'],
    [JSON.stringify({ ...worker, managers: [] }), 'managers: '],
    [JSON.stringify({ ...founder, founding: {} }), 'founding.clusterId: '],
  ])('is named when it is broken: %s', (content, why) => {
    writeSwarmFile(root, 'membership.json', content);
    expect(() => readMembership(root)).toThrow(`${swarmFolder(root)}/membership.json does not say`);
    expect(() => readMembership(root)).toThrow(why);
  });
});
