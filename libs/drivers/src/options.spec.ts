import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type NetworkRequest } from '#lib/domain';
import type { NodeView } from './driver.js';
import { dnsOf, macPoolOf, mtuOf, outboundNat, talksInside } from './options.js';
import { driverFor } from './registry.js';
import { network } from './testing/fixtures.js';

const SHIM = 'com.docker.network.windowsshim.';
const nat = driverFor('nat');
const names = new NodeNames(newId());
const nowhere: NodeView = { names, links: [], routes: [], networks: [] };
const warnings = (request: NetworkRequest) => nat.place(request, nowhere).warnings;
const asked = (options: Record<string, string>, subnet = '172.30.0.0/24') =>
  network(names, 'web', [subnet], { options });

describe('options of a nat network', () => {
  it.each([
    [{ [`${SHIM}networkname`]: 'lan 1' }, /networkname=lan 1: expected a link name/],
    [{ [`${SHIM}networkname`]: 'x'.repeat(128) }, /expected a link name: 1 to 127/],
    [{ 'com.docker.network.bridge.name': 'sixteen-letters-' }, /expected a link name: 1 to 15/],
    [{ [`${SHIM}networkname`]: 'a"b' }, /expected a link name/],
    [{ [`${SHIM}networkname`]: '..' }, /expected a link name/],
    [{ 'com.docker.network.bridge.name': 'br0*' }, /expected a link name/],
    [{ [`${SHIM}dnsservers`]: '10.0.0.1,ten' }, /expected addresses with commas/],
    [{ [`${SHIM}dnssuffix`]: 'not a domain' }, /expected a domain name/],
    [{ [`${SHIM}disable_dns`]: 'perhaps' }, /expected true or false/],
    [{ [`${SHIM}outboundnat_exceptions`]: '10.0.0.0' }, /expected prefixes/],
    [{ [`${SHIM}macpool`]: '02-00-00-00-00-00' }, /FIRST-LAST/],
    [{ [`${SHIM}macpool`]: '02-00-00-00-00-02-02-00-00-00-00-01' }, /in order/],
    [{ [`${SHIM}macpool`]: '03-00-00-00-00-00-03-00-00-00-00-01' }, /unicast/],
    [{ 'com.docker.network.driver.mtu': '12' }, /expected a number from 68 to 65535/],
    [{ [`${SHIM}dnsserver`]: '10.0.0.1' }, /unknown option .*dnsserver; did you mean .*windowsshim\.dnsservers\?/],
    [{ [`${SHIM}nothing_like_it_at_all`]: '1' }, /unknown option .*; known there: networkname, /],
    [{ [`${SHIM}vlanid`]: '5' }, /windowsshim\.vlanid cannot be used with driver nat/],
    [{ [`${SHIM}interface`]: 'eth0' }, /transparent and l2bridge are/],
    [{ parent: 'eth0' }, /option parent cannot be used with driver nat: a nat network is not bound to an interface/],
    [{ 'com.docker.network.bridge.host_binding_ipv4': '::1' }, /host_binding_ipv4=::1: expected an IPv4 address/],
    [{ 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' }, /gateway_mode_ipv4=routed: .*only nat is accepted/],
    [{ 'com.docker.network.bridge.gateway_mode_ipv6': 'isolated' }, /gateway_mode_ipv6=isolated: .*only nat/],
    [{ 'com.docker.network.bridge.gateway_mode_ipv4': 'nta' }, /gateway_mode_ipv4=nta: expected nat/],
    [{ parent: 'eth 0' }, /option parent=eth 0: expected an interface of the node, or INTERFACE.VLAN/],
  ])('%j is refused', (options, message) => {
    expect(() => warnings(asked(options))).toThrow(message);
  });

  it('refuses an MTU that IPv6 does not fit in, only where there is IPv6', () => {
    const options = { 'com.docker.network.driver.mtu': '1000' };
    expect(warnings(asked(options))).toEqual([]);
    expect(() => warnings(asked(options, 'fd00:1::/64'))).toThrow(
      'an MTU of 1000 is too small for IPv6: expected 1280',
    );
  });

  it('are accepted without a word when they are known and right', () => {
    const options = {
      [`${SHIM}networkname`]: 'lan-1',
      [`${SHIM}dnssuffix`]: 'corp.example',
      [`${SHIM}dnsservers`]: '10.0.0.1, fd00::1',
      [`${SHIM}macpool`]: '02-00-00-00-00-00-02-00-00-00-00-ff',
      'com.docker.network.driver.mtu': '1400',
      'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
      'com.docker.network.bridge.gateway_mode_ipv4': 'nat',
    };
    expect(warnings(asked(options))).toEqual([]);
  });

  it('are accepted with a warning when nothing follows from them', () => {
    const options = { [`${SHIM}hnsid`]: 'x', 'com.example.note': 'y' };
    expect(warnings(asked(options))).toEqual([
      `network web: option ${SHIM}hnsid has no effect here`,
      'network web: option com.example.note has no effect here',
    ]);
    expect(warnings(asked({ [`${SHIM}disable_gatewaydns`]: 'true' }))).toEqual([
      `network web: option ${SHIM}disable_gatewaydns has no effect here: a router is asked for names only where a DHCP server says so`,
    ]);
  });

  it('have values', () => {
    expect(mtuOf(asked({}))).toBeUndefined();
    expect(mtuOf(asked({ 'com.docker.network.driver.mtu': '1400' }))).toBe(1400);
    expect(outboundNat(asked({}))).toEqual({ on: true, exceptions: [] });
    expect(outboundNat(asked({ [`${SHIM}enable_outboundnat`]: 'false' })).on).toBe(false);
    expect(outboundNat(asked({ 'com.docker.network.bridge.enable_ip_masquerade': '0' })).on).toBe(false);
    expect(outboundNat(asked({ [`${SHIM}outboundnat_exceptions`]: '10.0.0.0/8, 192.168.0.0/16' })).exceptions).toEqual([
      '10.0.0.0/8',
      '192.168.0.0/16',
    ]);
    expect(outboundNat(asked({ [`${SHIM}outboundnat_exceptions`]: '10.1.0.0/16,10.0.0.0/8' })).exceptions).toEqual([
      '10.0.0.0/8',
    ]);
    expect(talksInside(asked({ 'com.docker.network.bridge.enable_icc': 'false' }))).toBe(false);
  });

  it('have none where they would be refused: networks from before that are on nodes still', () => {
    expect(mtuOf(asked({ 'com.docker.network.driver.mtu': 'abc' }))).toBeUndefined();
    expect(outboundNat(asked({ [`${SHIM}outboundnat_exceptions`]: '10.0.0.0' }))).toEqual({ on: true, exceptions: [] });
    expect(dnsOf(asked({ [`${SHIM}dnsservers`]: 'ten', [`${SHIM}dnssuffix`]: 'not a domain' }))).toEqual({
      discovery: true,
      servers: [],
      gateway: true,
    });
  });
});

describe('what a network says of DNS and MACs', () => {
  it('is that names are answered, unless it says otherwise', () => {
    expect(dnsOf(asked({}))).toEqual({ discovery: true, servers: [], gateway: true });
    const options = {
      [`${SHIM}disable_dns`]: 'true',
      [`${SHIM}disable_gatewaydns`]: '1',
      [`${SHIM}dnsservers`]: '4.4.4.4, 8.8.8.8',
      [`${SHIM}dnssuffix`]: 'abc.com',
    };
    expect(dnsOf(asked(options))).toEqual({
      discovery: false,
      servers: ['4.4.4.4', '8.8.8.8'],
      gateway: false,
      suffix: 'abc.com',
    });
    expect(dnsOf(asked({ [`${SHIM}disable_dns`]: 'false' })).discovery).toBe(true);
  });

  it('is a range of MACs where there is a pool', () => {
    expect(macPoolOf(asked({}))).toBeUndefined();
    const macpool = '02-00-00-00-00-00-02:00:00:00:00:ff';
    expect(macPoolOf(asked({ [`${SHIM}macpool`]: macpool }))).toEqual({ first: 0x020000000000, last: 0x0200000000ff });
  });
});

describe('driverFor', () => {
  it('says which drivers there are', () => {
    expect(() => driverFor('host')).toThrow('network driver host is not available on this node; available: nat');
  });
});
