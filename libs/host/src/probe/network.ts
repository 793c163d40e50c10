import type { Host, IpLine } from '../host.js';
import { listConversations } from '../kernel/conversations.js';
import { inNetns } from '../kernel/netns.js';
import { Nft } from '../kernel/nft.js';
import { tried, type Capability } from './capability.js';

/** Link kinds, each with what makes one beside a veth `skp0`. */
const KINDS: { name: string; line: IpLine; needed: boolean; without: string }[] = [
  { name: 'bridge', line: ['type', 'bridge'], needed: true, without: 'no network can be made' },
  {
    name: 'macvlan',
    line: ['link', 'skp0', 'type', 'macvlan', 'mode', 'bridge'],
    needed: false,
    without: 'no transparent networks',
  },
  {
    name: 'vxlan',
    line: ['type', 'vxlan', 'id', '1', 'dstport', '4789'],
    needed: false,
    without: 'no overlay networks',
  },
  {
    name: '8021q',
    line: ['link', 'skp0', 'type', 'vlan', 'id', '2'],
    needed: false,
    without: 'VLANs need programs on links instead (Linux 6.6)',
  },
  {
    name: 'WireGuard',
    line: ['type', 'wireguard'],
    needed: false,
    without: 'encrypted overlays need wireguard-go instead',
  },
];

/** What the nat driver's rules are made of. */
const RULES = `table inet skep_probe {
  set own { type ifname . ipv4_addr; flags interval; elements = { "lo" . 127.0.0.0/8 }; }
  map ports { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 80 : 127.0.0.1 . 80 }; }
  chain publish {
    type nat hook prerouting priority -100; policy accept;
    meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @ports
  }
  chain leave {
    type nat hook postrouting priority 100; policy accept;
    ct status dnat oifname . ip saddr @own masquerade
  }
}`;

/** What hands frames of l2bridge networks to the uplink and to the node (Linux 5.16), and tells who sent them. */
const HAND_OVER = `table netdev skep_probe {
  map macs { type ipv4_addr : ether_addr; elements = { 192.0.2.1 : 02:00:00:00:00:01 }; }
  chain call {
    type filter hook egress device "skp0" priority 0; policy accept;
    ip daddr @macs ether daddr set ip daddr map @macs fwd to "skp1"
  }
  chain arrive {
    type filter hook ingress device "skp1" priority 0; policy accept;
    dup to "skp0" accept
  }
}
table bridge skep_probe {
  set own { type ifname . ipv4_addr; elements = { "skp0" . 192.0.2.1 }; }
  chain leave {
    type filter hook forward priority 0; policy accept;
    iifname . arp saddr ip != @own drop
  }
}`;
const REDIRECT = 'filter add dev skp0 ingress protocol all u32 match u32 0 0 action mirred ingress redirect dev skp1';

/** Tries links and rules in a namespace that is thrown away. */
export async function probeNetworking(host: Host): Promise<Capability[]> {
  const netns = `skep-probe-${process.pid}`;
  try {
    const namespace = await tried('network namespaces', true, async () => {
      await host.createNetns(netns);
      return 'work';
    });
    if (!namespace.ok) return [namespace];
    const veth = await tried('veth', true, () =>
      works(host, netns, ['link', 'add', 'name', 'skp0', 'type', 'veth', 'peer', 'name', 'skp1']),
    );
    const kinds: Capability[] = [];
    for (const { name, line, needed, without } of KINDS) {
      const add = ['link', 'add', 'name', 'skp2', ...line];
      kinds.push(await tried(name, needed, () => works(host, netns, add), without));
      if (kinds.at(-1)?.ok) await host.ip([['link', 'del', 'skp2']], netns);
    }
    const rules = [await probeNftables(netns), await probeConversations(netns), await probeHandOver(host, netns)];
    return [namespace, veth, ...kinds, ...rules];
  } finally {
    await host.removeNetns(netns);
  }
}

async function works(host: Host, netns: string, line: IpLine): Promise<string> {
  await host.ip([line], netns);
  return 'works';
}

function probeHandOver(host: Host, netns: string): Promise<Capability> {
  const work = async () => {
    withNft(netns, (firewall) => firewall.run(HAND_OVER));
    await host.tc(['qdisc add dev skp0 clsact'.split(' '), REDIRECT.split(' ')], netns);
    return 'netdev hooks on ingress and egress, rules on bridges, u32 and mirred work';
  };
  return tried('frame redirection', false, work, 'no l2bridge and l2tunnel networks');
}

function withNft(netns: string, work: (firewall: Nft) => unknown): void {
  inNetns(netns, () => {
    const firewall = new Nft();
    try {
      work(firewall);
    } finally {
      firewall.close();
    }
  });
}

function probeNftables(netns: string): Promise<Capability> {
  return tried('nftables', true, () => {
    withNft(netns, (firewall) => firewall.run(RULES));
    return 'nat, maps, concatenated intervals and fib work';
  });
}

function probeConversations(netns: string): Promise<Capability> {
  const work = async () => {
    await listConversations(netns);
    return 'conversations by UDP can be ended';
  };
  return tried('conntrack by netlink', false, work, 'conversations by UDP stay with a replica that has died');
}
