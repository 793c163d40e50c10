import type { IpLine } from '#lib/host';

/** A node that a router connects with the outside, by eth0: 192.0.2.10/24, its router 192.0.2.1. */
export const UPLINK: IpLine[] = [
  ['link', 'add', 'name', 'eth0', 'type', 'dummy'],
  ['addr', 'add', '192.0.2.10/24', 'dev', 'eth0'],
  ['link', 'set', 'dev', 'eth0', 'up'],
  ['route', 'add', 'default', 'via', '192.0.2.1', 'dev', 'eth0'],
];
