import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../host.js';
import { createHost } from '../kernel/kernel-host.js';
import { enterNewNetns } from '../kernel/netns.js';
import type { Capability } from './capability.js';
import { probe } from './probe.js';

describe('probe', () => {
  let host: Host;
  let leave: () => void;
  beforeAll(() => {
    leave = enterNewNetns();
    host = createHost();
  });
  afterAll(() => {
    host.close();
    leave();
  });
  const named = (found: Capability[], name: string) => found.find((each) => each.name === name);

  it('finds what is needed, says what is missing, and leaves no trace', async () => {
    const before = host.links();
    const found = await probe(host);
    expect(found.filter((each) => each.needed && !each.ok)).toEqual([]);
    expect(found.filter((each) => each.detail === '' || each.detail.includes('\n'))).toEqual([]);
    expect(new Set(found.map((each) => each.name)).size).toBe(found.length);
    expect(named(found, 'conntrack by netlink')?.ok).toBe(true);
    expect(host.links()).toEqual(before);
    expect(host.listNetns('skep-probe-')).toEqual([]);
  });

  it('sees a foreign chain that drops what is forwarded', async () => {
    const name = 'forwarding by other firewalls';
    expect(named(await probe(host), name)?.ok).toBe(true);
    host.nft('table ip filter {\n chain FORWARD {\n  type filter hook forward priority 0; policy drop;\n }\n}');
    expect(named(await probe(host), name)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ip filter FORWARD drops by default'),
    });
    host.nft('delete table ip filter');
  });

  it('tells settings as they are', async () => {
    host.sysctl('net/ipv4/conf/all/rp_filter', '1');
    expect(named(await probe(host), 'rp_filter')).toMatchObject({ ok: false });
    host.sysctl('net/ipv4/conf/all/rp_filter', '2');
    expect(named(await probe(host), 'rp_filter')).toMatchObject({ ok: true, detail: '2' });
  });
});
