import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { daemonConfig } from '#lib/contracts';
import type { Container, Network } from '#lib/domain';
import type { Node } from '../node/tokens.js';
import { Leases } from './leases.js';

const TTL = 'com.docker.network.dns.ttl';
const networks: Record<string, Pick<Network, 'options'>> = {
  plain: { options: {} },
  long: { options: { [TTL]: '60' } },
};
const container = (networkId: string, ipv4: string, ipv6?: string) =>
  ({ endpoints: [{ networkId, ipv4, ipv6 }] }) as unknown as Container;

describe('addresses that were given back', () => {
  let execRoot: string;
  const open = () => {
    const view = { get: (_: string, id: string) => networks[id] && { version: 1, value: networks[id] } };
    const node = { config: daemonConfig({ execRoot }) } as Node;
    return new Leases(node, view as ConstructorParameters<typeof Leases>[1]);
  };

  beforeEach(() => {
    execRoot = mkdtempSync(join(tmpdir(), 'skep-leases-'));
    vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(execRoot, { recursive: true });
  });

  it('rest as long as the names of their network may be remembered', () => {
    const leases = open();
    leases.released(container('plain', '10.0.0.2', 'fd00::2'));
    leases.released(container('long', '10.1.0.2'));
    expect(leases.quarantined('plain')).toEqual(new Set(['10.0.0.2', 'fd00::2']));
    vi.setSystemTime(1_005_001);
    expect(leases.quarantined('plain')).toEqual(new Set());
    expect(leases.quarantined('long')).toEqual(new Set(['10.1.0.2']));
    vi.setSystemTime(1_060_001);
    expect(leases.quarantined('long')).toEqual(new Set());
  });

  it('rest on over a restart of the agent', () => {
    open().released(container('long', '10.1.0.2'));
    expect(open().quarantined('long')).toEqual(new Set(['10.1.0.2']));
  });

  it('rest no longer than that where the clock is set back, also over a restart of the agent', () => {
    const leases = open();
    leases.released(container('plain', '10.0.0.2'));
    vi.setSystemTime(500_000);
    for (const each of [leases, open()]) {
      vi.setSystemTime(500_000);
      expect(each.quarantined('plain')).toEqual(new Set(['10.0.0.2']));
      vi.setSystemTime(505_001);
      expect(each.quarantined('plain')).toEqual(new Set());
    }
  });

  it.each(['', '{}', '[["long 10.1.0.2"]]'])('are forgotten where the file is broken: %j', (text) => {
    writeFileSync(join(execRoot, 'resting-addresses.json'), text);
    expect(open().quarantined('long')).toEqual(new Set());
  });

  it('of a network that is gone do not rest', () => {
    const leases = open();
    leases.released(container('gone', '10.2.0.2'));
    expect(leases.quarantined('gone')).toEqual(new Set());
  });
});
