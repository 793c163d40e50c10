import { execFileSync } from 'node:child_process';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetns, inNetns, listNetns, removeNetns } from './netns.js';
import { readSysctl, writeSysctl } from './sysctl.js';

const NAME = `skep-netns-${process.pid}`;
const here = () => readlinkSync('/proc/thread-self/ns/net');

describe('namespaces below /run/netns', () => {
  beforeAll(() => createNetns(NAME));
  afterAll(() => removeNetns(NAME));

  it('are what iproute2 makes: ip finds them', () => {
    expect(execFileSync('ip', ['netns', 'list']).toString()).toContain(NAME);
    expect(execFileSync('ip', ['-n', NAME, 'link']).toString()).toMatch(/lo: <LOOPBACK,UP/);
  });

  it('are left again, also after an error', () => {
    const home = here();
    expect(inNetns(NAME, here)).not.toBe(home);
    expect(() =>
      inNetns(NAME, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(here()).toBe(home);
  });

  it('have sysctls of their own', () => {
    const before = readSysctl('net/ipv4/ip_default_ttl');
    writeSysctl('net/ipv4/ip_default_ttl', '77', { netns: NAME });
    expect(readSysctl('net/ipv4/ip_default_ttl', NAME)).toBe('77');
    expect(readSysctl('net/ipv4/ip_default_ttl')).toBe(before);
  });

  it('stale files are refused, and swept by a listing', () => {
    const stale = `skep-stale-${process.pid}`;
    writeFileSync(`/run/netns/${stale}`, '');
    expect(() => inNetns(stale, here)).toThrow(/is no network namespace/);
    expect(listNetns(stale)).toEqual([]);
    expect(existsSync(`/run/netns/${stale}`)).toBe(false);
  });

  it('a stale file is taken over', () => {
    const stale = `skep-stale-${process.pid}`;
    writeFileSync(`/run/netns/${stale}`, '');
    createNetns(stale);
    expect(listNetns(stale)).toEqual([stale]);
    removeNetns(stale);
  });
});
