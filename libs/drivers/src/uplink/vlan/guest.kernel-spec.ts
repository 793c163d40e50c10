import { expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type DriverName } from '#lib/domain';
import { FakeHost } from '#lib/host';
import type { EndpointOf } from '../../driver.js';
import { driverFor } from '../../registry.js';
import { RULE_SOURCES } from '../../rule-sources.js';
import { attach, container, contextOn, network } from '../../testing/fixtures.js';
import { inGuest } from '../../testing/guest.js';

const UPLINK_MAC = '52:54:00:00:07:01';
const LINES = [
  `link add name up0 address ${UPLINK_MAC} type veth peer name far0`.split(' '),
  ['link', 'set', 'dev', 'up0', 'up'],
];

/** What a driver does for a network in VLAN 10 with two containers, as a kernel with 8021q is told it. */
async function commands(driver: DriverName): Promise<{ script: string[]; netns: string[]; mac: string }> {
  const names = new NodeNames(newId());
  const host = new FakeHost();
  await host.ip(LINES);
  const context = contextOn(host, names);
  const net = network(names, 'ten', ['10.7.0.0/24'], { driver, uplink: 'up0', vlan: 10 });
  await driverFor(driver).ensureNetwork(net, context);
  const endpoints: EndpointOf[] = [];
  for (const [name, ipv4] of [
    ['web', '10.7.0.10'],
    ['db', '10.7.0.11'],
  ] as const) {
    const at = attach(net, container(name), { ipv4 });
    await host.createNetns(names.netns(at.container.id));
    await driverFor(driver).ensureEndpoint(at, context);
    endpoints.push(at);
  }
  const containers = endpoints.map((at) => at.container);
  const links = new Map(host.links().map((link) => [link.name, link]));
  const segments = RULE_SOURCES.find(({ family }) => family === 'netdev')!;
  const rules = segments.rules({ names, networks: [net], containers, attached: containers, services: [], links });
  const lines = host.ran.slice(LINES.length).map(({ line, netns }) => {
    if (line.startsWith('tc ')) return line;
    return `ip ${netns ? `-n ${netns} ` : ''}${line}`;
  });
  const netns = containers.map(({ id }) => names.netns(id));
  return {
    script: [
      ...netns.map((each) => `ip netns add ${each}`),
      ...lines.map((line) => `${line} 2>/tmp/why || echo "FAILED ${line}: $(cat /tmp/why)"`),
      `cat > /tmp/rules <<'RULES'\n${rules}RULES`,
      'nft -f /tmp/rules 2>/tmp/why || echo "FAILED nft: $(cat /tmp/why)"',
    ],
    netns,
    mac: endpoints[0]!.endpoint.mac,
  };
}

it.each(['transparent', 'l2bridge', 'l2tunnel'] as const)(
  '%s: VLANs by 8021q carry their tag and no other, on a kernel that has them',
  async (driver) => {
    const { script, netns, mac } = await commands(driver);
    const [web = '', db = ''] = netns;
    expect(script.some((line) => line.includes('type vlan id 10'))).toBe(true);
    // What people outside see: a transparent container's own MAC, else the node's.
    const seen = driver === 'transparent' ? mac : UPLINK_MAC;
    const ping = (what: string, from: string, to: string, count = 1) =>
      `ip netns exec ${from} ping -c ${count} -W 2 ${to} > /dev/null && echo ${what} yes || echo ${what} no`;
    const out = inGuest(
      [
        'ip netns add out',
        `ip link add name up0 address ${UPLINK_MAC} type veth peer name far0 netns out`,
        // The switch: far0 is its port, and it sends a tunnel's frames back.
        'ip -n out link add sw type bridge; ip -n out link set far0 master sw',
        `ip -n out link set far0 type bridge_slave hairpin ${driver === 'l2tunnel' ? 'on' : 'off'}`,
        'ip link set up0 up; for each in sw far0; do ip -n out link set $each up; done',
        // The same address in another VLAN: only the right one may answer.
        'for vlan in 10 20; do ip -n out link add link sw name v$vlan type vlan id $vlan; ip -n out link set v$vlan up; done',
        'ip -n out addr add 10.7.0.20/24 dev v10',
        ...script,
        'ip netns exec out tcpdump -i far0 -e -n -l > /tmp/heard 2>/tmp/said & ear=$!',
        'for n in 1 2 3 4 5 6 7 8 9 10; do grep -q listening /tmp/said && break; sleep 1; done',
        ping('PING10', web, '10.7.0.20', 2),
        ping('PEER', web, '10.7.0.11'),
        ping('BACK', 'out', '10.7.0.11'),
        'ip -n out addr del 10.7.0.20/24 dev v10; ip -n out addr add 10.7.0.20/24 dev v20',
        ping('PING20', db, '10.7.0.20'),
        "kill $ear; wait $ear; sed 's/^/HEARD /' /tmp/heard",
      ].join('\n'),
    );
    expect(out.filter((line) => /FAILED|insmod/.test(line))).toEqual([]);
    const said = out.filter((line) => /^(PING|PEER|BACK)/.test(line)).sort();
    expect(said, out.join('\n')).toEqual(['BACK yes', 'PEER yes', 'PING10 yes', 'PING20 no']);
    const heard = out.filter((line) => line.startsWith('HEARD') && line.includes('10.7.0.'));
    const sent = heard.filter((line) => line.includes(`${seen} >`));
    expect(sent.filter((line) => line.includes('10.7.0.10')).length, out.join('\n')).toBeGreaterThan(0);
    expect(sent.filter((line) => !/vlan 10,/.test(line))).toEqual([]);
    if (driver !== 'transparent') expect(heard.filter((line) => line.includes(mac))).toEqual([]);
    const between = heard.filter((line) => /10\.7\.0\.10 > 10\.7\.0\.11: ICMP/.test(line));
    if (driver === 'l2tunnel') expect(between.length).toBeGreaterThan(0);
    else expect(between).toEqual([]);
  },
  120_000,
);
