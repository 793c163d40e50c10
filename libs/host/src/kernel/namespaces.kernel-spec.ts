import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Host } from '#lib/host';
import { createHost } from './kernel-host.js';
import { enterNewNetns } from './netns.js';

const MANY = 50;
const name = (n: number) => `skep-news-${process.pid}-${n}`;
/** By somebody else: a process that knows nothing of the host object. */
const ip = (n: number, line: string) =>
  execFileSync('nsenter', [`--net=/run/netns/${name(n)}`, 'ip', ...line.split(' ')]);
const descriptors = () => readdirSync('/proc/self/fd').length;

describe('news of other namespaces', () => {
  let leave: () => void;
  let host: Host;
  let heard: number;
  const all = Array.from({ length: MANY }, (_, n) => n);

  beforeEach(async () => {
    leave = enterNewNetns();
    host = createHost();
    for (const n of all) await host.createNetns(name(n));
  });
  afterEach(async () => {
    for (const n of all) await host.removeNetns(name(n));
    host.close();
    leave();
  });

  const listen = async () => {
    heard = 0;
    host.onLinkChange(() => heard++);
    for (const n of all) host.links(name(n));
  };
  const told = (what: string) => waitFor(() => heard > 0, { ms: 2000, every: 5, what });

  it('come from each of them, by one descriptor for all', async () => {
    host.onLinkChange(() => undefined);
    const before = descriptors();
    await listen();
    expect(descriptors()).toBe(before);
    for (const n of [0, MANY - 1]) {
      heard = 0;
      ip(n, 'link set lo mtu 1234');
      expect(host.links(name(n))[0]?.mtu).toBe(1234);
      await told('another mtu');
    }
    heard = 0;
    ip(7, 'link set lo down');
    await told('loopback is down');
    expect(host.links(name(7))[0]?.up).toBe(false);
    expect(host.links(name(8))[0]).toMatchObject({ up: true, mtu: 65536 });
  });

  it('keep what did not change: the same list, without asking', async () => {
    await listen();
    const [one, other] = [host.links(name(1)), host.links(name(2))];
    ip(1, 'addr add 10.9.9.9/32 dev lo');
    expect(host.links(name(2))).toBe(other);
    expect(host.links(name(1))).not.toBe(one);
  });

  it('know a namespace that took the name of another, made by somebody else', async () => {
    await listen();
    ip(3, 'link set lo mtu 4321');
    expect(host.links(name(3))[0]?.mtu).toBe(4321);
    execFileSync('ip', ['netns', 'delete', name(3)]);
    expect(() => host.links(name(3))).toThrow('is no network namespace');
    execFileSync('ip', ['netns', 'add', name(3)]);
    expect(host.links(name(3))[0]).toMatchObject({ mtu: 65536, up: false });
    heard = 0;
    ip(3, 'link set lo up');
    await told('the new one changed');
    expect(host.links(name(3))[0]?.up).toBe(true);
  });

  it('know it also where the number of the one that ended is given again in that moment', async () => {
    await listen();
    for (let round = 0; round < 150; round++) {
      ip(3, `link set lo mtu ${4000 + round}`);
      expect(host.links(name(3))[0]?.mtu).toBe(4000 + round);
      execFileSync('ip', ['-batch', '-'], { input: `netns delete ${name(3)}\nnetns add ${name(3)}\n` });
      // The end of the old one comes at a moment that nobody can choose.
      const until = performance.now() + round / 20;
      while (performance.now() < until);
      expect(host.links(name(3))[0]?.mtu, `round ${round}`).toBe(65536);
    }
  });

  it('that were lost make everything uncertain', async () => {
    await listen();
    const kept = host.links(name(5));
    // More than a socket holds, in one call of the event loop.
    const lines = Array.from({ length: 3000 }, (_, n) => `addr add 10.8.${n >> 8}.${n & 255}/32 dev lo\n`).join('');
    execFileSync('nsenter', [`--net=/run/netns/${name(4)}`, 'ip', '-batch', '-'], { input: lines });
    expect(host.links(name(4))[0]?.addresses).toHaveLength(3002);
    expect(host.links(name(5))).not.toBe(kept);
    await told('the loss');
  });
});
