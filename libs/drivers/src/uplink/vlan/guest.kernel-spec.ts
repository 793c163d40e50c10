import { expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { attach, container, contextOn, network } from '../../testing/fixtures.js';
import { inGuest } from '../../testing/guest.js';
import { transparentDriver } from '../../transparent/transparent-driver.js';

const names = new NodeNames(newId());

/** The commands by which the driver makes a network in a VLAN with one container, as a kernel with 8021q gets them. */
async function commands(): Promise<{ lines: string[]; netns: string; mac: string }> {
  const host = new FakeHost();
  await host.ip(['link add name up0 type veth peer name far0'.split(' '), ['link', 'set', 'dev', 'up0', 'up']]);
  const context = contextOn(host, names);
  const net = network(names, 'ten', ['10.7.0.0/24'], { driver: 'transparent', uplink: 'up0', vlan: 10 });
  const at = attach(net, container('web'), { ipv4: '10.7.0.10' });
  const netns = names.netns(at.container.id);
  await host.createNetns(netns);
  await transparentDriver.ensureNetwork(net, context);
  await transparentDriver.ensureEndpoint(at, context);
  const lines = host.ran.slice(2).map(({ line, netns: within }) => `ip ${within ? `-n ${within} ` : ''}${line}`);
  return { lines, netns, mac: at.endpoint.mac };
}

it('VLANs by 8021q carry their tag and no other, on a kernel that has them', async () => {
  const { lines, netns, mac } = await commands();
  expect(lines.some((line) => line.endsWith('type vlan id 10'))).toBe(true);
  const out = inGuest(
    [
      `ip netns add ${netns}; ip netns add out`,
      'ip link add name up0 type veth peer name far0 netns out',
      'ip link set up0 up; ip -n out link set far0 up',
      // The same address in another VLAN: only the right one may answer.
      'for vlan in 10 20; do ip -n out link add link far0 name v$vlan type vlan id $vlan; ip -n out link set v$vlan up; done',
      'ip -n out addr add 10.7.0.20/24 dev v10',
      ...lines.map((line) => `${line} 2>/tmp/why || echo "FAILED ${line}: $(cat /tmp/why)"`),
      `ip netns exec out tcpdump -i far0 -e -n -c 4 -l ether host ${mac} > /tmp/heard 2>/tmp/said &`,
      'for n in 1 2 3 4 5 6 7 8 9 10; do grep -q listening /tmp/said && break; sleep 1; done',
      `ip netns exec ${netns} ping -c 2 -W 2 10.7.0.20 > /dev/null && echo PING10 yes || echo PING10 no`,
      'ip -n out addr del 10.7.0.20/24 dev v10; ip -n out addr add 10.7.0.20/24 dev v20',
      `ip netns exec ${netns} ping -c 1 -W 1 10.7.0.20 > /dev/null && echo PING20 yes || echo PING20 no`,
      "wait; sed 's/^/HEARD /' /tmp/heard",
    ].join('\n'),
  );
  expect(out.filter((line) => /FAILED|insmod/.test(line))).toEqual([]);
  expect(out).toContain('PING10 yes');
  expect(out).toContain('PING20 no');
  const heard = out.filter((line) => line.startsWith('HEARD'));
  expect(heard.length, out.join('\n')).toBeGreaterThan(0);
  expect(heard.filter((line) => !/vlan 10,/.test(line))).toEqual([]);
}, 120_000);
