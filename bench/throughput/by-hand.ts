import type { Host, IpLine } from '#lib/host';
import type { Lab } from '../../libs/drivers/src/testing/lab.js';
import { IPERF_PORT, type Place } from './iperf.js';
import { GATEWAY, NAT, PUBLISHED, type Driver } from './topology.js';

const NODE = '192.0.2.3';
const ADDRESS = '192.0.2.21';
const MAC = '02:00:00:00:00:21';

/**
 * The same on the host `hand` of the lab, as a person would make it with `ip` and `nft` and no more than this one
 * container needs: nat is a bridge and two rules; transparent a macvlan; l2bridge and l2tunnel a bridge that has the
 * uplink as a port, and rules that put the uplink's MAC in the place of the container's.
 */
export async function byHand(lab: Lab, driver: Driver): Promise<Place> {
  const host = lab.hostOf('hand');
  const box = await lab.namespace('box');
  if (driver === 'nat') {
    await nat(host, box);
    return { netns: box, address: NODE, port: PUBLISHED };
  }
  if (driver === 'transparent') await macvlan(host, box);
  else await bridged(host, box, driver);
  await host.ip(inside(`${ADDRESS}/24`, GATEWAY), box);
  return { netns: box, address: ADDRESS, port: IPERF_PORT };
}

async function nat(host: Host, box: string): Promise<void> {
  await host.ip([
    ['link', 'add', 'name', 'br0', 'type', 'bridge'],
    ['addr', 'add', `${NAT.gateway}/24`, 'dev', 'br0'],
    ['link', 'set', 'dev', 'br0', 'up'],
    ...port(box),
  ]);
  host.sysctl('net/ipv4/ip_forward', '1');
  host.nft(`table ip hand {
    chain publish {
      type nat hook prerouting priority -100;
      tcp dport ${PUBLISHED} dnat to ${NAT.address}:${IPERF_PORT}
    }
    chain leave {
      type nat hook postrouting priority 100;
      oifname "eth0" ip saddr ${NAT.subnet} masquerade
    }
  }`);
  await host.ip(inside(`${NAT.address}/24`, NAT.gateway), box);
}

async function macvlan(host: Host, box: string): Promise<void> {
  const kind = ['type', 'macvlan', 'mode', 'bridge'];
  await host.ip([['link', 'add', 'link', 'eth0', 'name', 'up', 'address', MAC, 'netns', box, ...kind]]);
  await host.ip([['link', 'set', 'dev', 'up', 'name', 'eth0']], box);
}

async function bridged(host: Host, box: string, driver: 'l2bridge' | 'l2tunnel'): Promise<void> {
  const { mac } = host.links().find(({ name }) => name === 'eth0')!;
  await host.ip([
    ['link', 'add', 'name', 'br0', 'address', mac, 'type', 'bridge'],
    ['link', 'set', 'dev', 'br0', 'up'],
    ['addr', 'flush', 'dev', 'eth0'],
    ['link', 'set', 'dev', 'eth0', 'master', 'br0'],
    ['addr', 'add', `${NODE}/24`, 'dev', 'br0'],
    ...port(box),
    ...(driver === 'l2tunnel' ? [['link', 'set', 'dev', 'box', 'type', 'bridge_slave', 'isolated', 'on']] : []),
  ]);
  host.nft(`table netdev hand {
    chain leave {
      type filter hook egress device "eth0" priority 0;
      arp saddr ip ${ADDRESS} arp saddr ether set ${mac}
      ether saddr ${MAC} ether saddr set ${mac}
    }
    chain arrive {
      type filter hook ingress device "eth0" priority 0;
      ip daddr ${ADDRESS} ether daddr set ${MAC}
      ether daddr ${mac} arp daddr ip ${ADDRESS} arp daddr ether set ${MAC} ether daddr set ${MAC}
    }
  }`);
}

/** A veth pair between br0 and the container. */
function port(box: string): IpLine[] {
  return [
    ['link', 'add', 'name', 'box', 'type', 'veth', 'peer', 'name', 'eth0', 'address', MAC, 'netns', box],
    ['link', 'set', 'dev', 'box', 'master', 'br0', 'up'],
  ];
}

function inside(address: string, gateway: string): IpLine[] {
  return [
    ['addr', 'add', address, 'dev', 'eth0'],
    ['link', 'set', 'dev', 'eth0', 'up'],
    ['route', 'add', 'default', 'via', gateway],
  ];
}
