import { describe, expect, it } from 'vitest';
import { requestFor } from './request-for.js';
import type { Place } from './request.js';

const place: Place = { index: (link) => ({ skbr0: 7, eth0: 2 })[link] ?? 0, netns: () => 33 };
const words = (line: string) => line.split(' ');

describe('requestFor', () => {
  it.each([
    'link add name skbr0 type bridge',
    'link add name sk0wg type wireguard',
    'link add name skbr0 address 02:00:00:00:00:01 mtu 1400 type bridge',
    'link add name skv0 mtu 1400 type veth peer name eth0 address 02:00:00:00:00:07 mtu 1400 netns x',
    'link set dev skv0 master skbr0 up',
    'link set dev skv0 up',
    'link del dev skv0',
    'link del skv0',
    'addr replace fd00:7::1/64 dev skbr0 nodad',
    'addr del 10.1.0.2/16 dev eth0',
    'route replace default via 10.1.0.1 dev eth0',
    'route del default via fd00::1 dev eth0',
  ])('speaks: %s', (line) => {
    expect(requestFor(words(line))?.(place).readUInt32LE(0)).toBe(requestFor(words(line))?.(place).length);
  });

  it.each([
    'link add name skbr0 type bridge vlan_filtering 1',
    'link add link up0 name skm0 type macvlan mode bridge',
    'link add name skv0 address 2:0:0:0:0:1 type bridge',
    'link add name skv0 mtu big type bridge',
    'link set dev skv0 type bridge_slave isolated on',
    'link set dev skv0 down',
    'link set dev skv0',
    'link set dev skv0 netns other',
    'addr replace 10.1/16 dev eth0',
    'addr add 10.1.0.2/33 dev eth0',
    'addr add 10.1.0.2 dev eth0',
    'addr add 10.1.0.2/16 brd + dev eth0',
    'addr flush dev eth0',
    'route add 10.0.0.0/8 via 10.1.0.1 dev eth0',
    'route add default dev eth0',
    'neigh flush dev eth0',
    'link del dev skv0 type veth',
  ])('leaves to ip what it does not speak: %s', (line) => {
    expect(requestFor(words(line))).toBeUndefined();
  });

  it('writes what the kernel reads', () => {
    const message = requestFor(words('route replace default via 10.1.0.1 dev eth0'))!(place);
    const header = [44, 0, 0, 0, 24, 0, 0x05, 0x05, 0, 0, 0, 0, 0, 0, 0, 0]; // REQUEST, ACK, REPLACE, CREATE
    const route = [2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0]; // IPv4, main table, protocol boot, unicast
    const gateway = [8, 0, 5, 0, 10, 1, 0, 1];
    const link = [8, 0, 4, 0, 2, 0, 0, 0];
    expect([...message]).toEqual([...header, ...route, ...gateway, ...link]);
  });
});
