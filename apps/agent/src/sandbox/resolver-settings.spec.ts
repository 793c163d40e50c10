import { describe, expect, it } from 'vitest';
import type { ResolverDefaults } from '../node/resolver-defaults.js';
import { ndotsOf, optionsOf, resolvConf } from './resolver-settings.js';

const nobody: ResolverDefaults = { dns: [], dnsSearch: [], dnsOptions: [], node: { search: [], options: [] } };
const node = { search: ['corp.test', 'test'], options: ['edns0', 'timeout:1'] };

const lines = (
  dns: { search?: string[]; options?: string[] } = {},
  defaults: Partial<ResolverDefaults> = {},
  { suffix, domain }: { suffix?: string; domain?: string } = {},
) => {
  const own = { servers: [], search: [], options: [], extraHosts: [], ...dns };
  const endpoints = [{ ...(domain && { lease: { domain } }) }] as never;
  const networks = [{ options: { ...(suffix && { 'com.docker.network.windowsshim.dnssuffix': suffix }) } }];
  const [server, ...rest] = resolvConf({ dns: own, endpoints }, networks as never, { ...nobody, ...defaults }).split(
    '\n',
  );
  expect(server).toBe('nameserver 127.0.0.11');
  return rest.filter((line) => line !== '');
};

describe("a container's resolv.conf", () => {
  it("has the node's search domains and options where neither container nor daemon names any", () => {
    expect(lines({}, { node })).toEqual(['search corp.test test', 'options edns0 timeout:1 ndots:0']);
    expect(lines()).toEqual(['options ndots:0']);
  });

  it("has the container's, or else the daemon's, in their place, each for itself", () => {
    const daemon = { dnsSearch: ['daemon.test'], dnsOptions: ['rotate'], node };
    expect(lines({}, daemon)).toEqual(['search daemon.test', 'options rotate ndots:0']);
    expect(lines({ search: ['own.test'] }, daemon)).toEqual(['search own.test', 'options rotate ndots:0']);
    expect(lines({ options: ['ndots:3'] }, { node })).toEqual(['search corp.test test', 'options ndots:3']);
  });

  it('has none where the container or the daemon asks for `.`', () => {
    expect(lines({ search: ['.'] }, { node, dnsSearch: ['daemon.test'] })).toEqual(['options edns0 timeout:1 ndots:0']);
    expect(lines({}, { node, dnsSearch: ['.'] })).toEqual(['options edns0 timeout:1 ndots:0']);
    expect(lines({}, { node: { search: ['.'], options: [] } })).toEqual(['options ndots:0']);
  });

  it("has those of networks and leases before the node's, and each once", () => {
    const both = { suffix: 'abc.test', domain: 'corp.test' };
    expect(lines({}, { node }, both)[0]).toBe('search abc.test corp.test test');
    expect(lines({ search: ['own.test'] }, { node }, both)[0]).toBe('search own.test abc.test corp.test');
  });

  it('keeps ndots as it is said, also by a node that is a container itself; the resolver goes by the same', () => {
    const inside = { ...nobody, node: { search: [], options: ['ndots:5', 'ndots:2'] } };
    expect(lines({}, inside)).toEqual(['options ndots:5 ndots:2']);
    const dns = { servers: [], search: [], options: [], extraHosts: [] };
    expect(ndotsOf(optionsOf({ dns }, inside))).toBe(2);
    expect(ndotsOf(optionsOf({ dns }, nobody))).toBeUndefined();
    expect(ndotsOf(['ndots:x'])).toBe(0);
  });
});
