export const DRIVERS = ['nat', 'transparent', 'l2bridge', 'l2tunnel'] as const;
export type Driver = (typeof DRIVERS)[number];

/** Of the segment: the host outside, which the client runs on. */
export const GATEWAY = '192.0.2.2';

/** The private network behind either node. */
export const NAT = { subnet: '172.30.0.0/24', gateway: '172.30.0.1', address: '172.30.0.10' };

/** The node's port that leads to iperf3 in the container. */
export const PUBLISHED = 8080;
