import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Container } from '#lib/domain';
import { createHost, type Host } from '#lib/host';
import type { Node } from '../node/tokens.js';
import { SandboxFiles } from './files.js';

const container = (name: string) =>
  ({
    id: name,
    name,
    spec: {},
    networkMode: 'bridged',
    endpoints: [],
    dns: { servers: [], search: [], options: [], extraHosts: [] },
    files: [],
  }) as unknown as Container;

describe('files that containers may write into', () => {
  let execRoot: string;
  let host: Host;
  let files: SandboxFiles;
  const [greedy, modest] = [container('greedy'), container('modest')];
  const hostsOf = ({ id }: Container) => join(execRoot, 'containers', id, 'hosts');

  beforeEach(() => {
    host = createHost();
    // In memory, as /run is.
    execRoot = join(mkdtempSync(join(tmpdir(), 'skep-files-')), 'run');
    host.ensureMemoryFolder(execRoot, 128);
    files = new SandboxFiles({ config: { execRoot, dnsSearch: [], dnsOptions: [] } } as unknown as Node, host);
  });
  afterEach(() => {
    for (const each of [greedy, modest]) files.remove(each);
    rmSync(join(execRoot, 'of-the-node'), { force: true });
    host.removeMemoryFolder(execRoot);
    host.close();
    rmSync(dirname(execRoot), { recursive: true });
  });

  it('fill what is theirs, and not the folder that the node lives in', () => {
    files.write(greedy, [], undefined);
    expect(statSync(join(execRoot, 'containers')).mode & 0o777).toBe(0o711);
    expect(() => appendFileSync(hostsOf(greedy), Buffer.alloc(80 << 20))).toThrow('ENOSPC');
    writeFileSync(join(execRoot, 'of-the-node'), Buffer.alloc(1 << 20));
    expect(() => files.write(modest, [], undefined)).toThrow(
      `modest: ${join(execRoot, 'containers')} has no room for hosts and resolv.conf; those of all containers may have 64 MB`,
    );
    files.remove(greedy);
    files.write(modest, [], undefined);
    expect(readFileSync(hostsOf(modest), 'utf8')).toContain('localhost');
  });

  it('are where a new agent finds them, and leave nothing behind', () => {
    files.write(greedy, [], undefined);
    const { ino } = statSync(hostsOf(greedy));
    const next = new SandboxFiles({ config: { execRoot, dnsSearch: [], dnsOptions: [] } } as unknown as Node, host);
    next.write(greedy, [], undefined);
    expect(statSync(hostsOf(greedy)).ino).toBe(ino);
    next.remove(greedy);
    expect(existsSync(join(execRoot, 'containers'))).toBe(false);
  });
});
