import { describe, expect, it } from 'vitest';
import { load, refusal } from '../testing/memory.js';
import { checkNetworks } from './check-networks.js';

const check = async (networks: string, services = 'a: {image: x}') =>
  checkNetworks((await load(`services:\n  ${services}\nnetworks:\n  ${networks}\n`)).project);

const pool = (fields: string) => `n: {ipam: {config: [{${fields}}]}}`;
const on = (fields: string) => `a: {image: x, networks: {n: {${fields}}}}`;

describe('checkNetworks', () => {
  it('accepts a network that uses every field rightly', async () => {
    const fields = 'subnet: 10.1.0.0/24, gateway: 10.1.0.254, ip_range: 10.1.0.128/25, aux_addresses: {r: 10.1.0.2}';
    const v6 = '{subnet: "fd00:1::/64", gateway: "fd00:1::1"}';
    await check(
      `n: {driver: transparent, driver_opts: {com.docker.network.windowsshim.vlanid: 11, other: x}, ipam: {config: [{${fields}}, ${v6}]}}`,
      on('ipv4_address: 10.1.0.1, ipv6_address: "fd00:1::5"'),
    );
  });

  it.each([
    [
      'n: {driver: natt}',
      '4:7: networks.n: unknown driver "natt"; did you mean nat? accepted are nat, transparent, overlay, l2bridge, l2tunnel, host, none, bridge, default, macvlan, null',
    ],
    [
      'n: {driver_opts: {com.docker.network.windowsshim.vlan: 1}}',
      '4:21: networks.n: unknown option com.docker.network.windowsshim.vlan; did you mean com.docker.network.windowsshim.vlanid?',
    ],
    [
      'n: {driver_opts: {com.docker.network.windowsshim.vlanid: 5000}}',
      '4:21: networks.n: option com.docker.network.windowsshim.vlanid must be a number from 1 to 4094; found "5000"',
    ],
    [
      pool('subnet: 10.1.0.0'),
      '4:24: networks.n: "10.1.0.0" is not a subnet; write for example 172.28.0.0/16 or fd00:28::/64',
    ],
    [
      pool('subnet: 10.1.0.5/24'),
      '4:24: networks.n: subnet 10.1.0.5/24 has bits beyond its prefix; it should be 10.1.0.0/24',
    ],
    [pool('gateway: 10.1.0.1'), '4:24: networks.n: gateway needs the subnet that it is in'],
    [
      pool('subnet: 10.1.0.0/24, gateway: 10.2.0.1'),
      '4:45: networks.n: gateway 10.2.0.1 is outside the subnet 10.1.0.0/24; accepted are IPv4 addresses from 10.1.0.1 to 10.1.0.254',
    ],
    [
      pool('subnet: 10.1.0.0/24, gateway: 10.1.0.255'),
      '4:45: networks.n: gateway 10.1.0.255 is the broadcast address of 10.1.0.0/24; accepted are IPv4 addresses from 10.1.0.1 to 10.1.0.254',
    ],
    [
      pool('subnet: 10.1.0.0/24, ip_range: 10.1.0.0/16'),
      '4:45: networks.n: ip_range 10.1.0.0/16 is not inside the subnet 10.1.0.0/24',
    ],
    [
      pool('subnet: 10.1.0.0/24, aux_addresses: {r: 10.9.0.1}'),
      '4:45: networks.n: aux_addresses.r 10.9.0.1 is outside the subnet 10.1.0.0/24; accepted are IPv4 addresses from 10.1.0.1 to 10.1.0.254',
    ],
    [
      'n: {ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: 10.2.0.0/24}]}}',
      '4:47: networks.n: 10.2.0.0/24 is a second IPv4 subnet beside 10.1.0.0/24; a network has one for each family',
    ],
    [
      'n: {ipam: {config: [{subnet: 10.1.0.0/16}]}}\n  m: {ipam: {config: [{subnet: 10.1.7.0/24}]}}',
      '5:24: networks.m: subnet 10.1.7.0/24 overlaps 10.1.0.0/16 of networks.n; networks of a project need separate subnets',
    ],
  ])('refuses %s', async (networks, message) => {
    expect(await refusal(() => check(networks))).toEqual([`compose.yaml:${message}`]);
  });

  it.each([
    ['10.1.0.0', 'is the network address of 10.1.0.0/24'],
    ['10.1.0.255', 'is the broadcast address of 10.1.0.0/24'],
    ['10.1.0.254', 'is the gateway of 10.1.0.0/24'],
    ['10.1.0.9', 'is reserved by aux_addresses.r'],
    ['10.2.0.1', 'is outside the subnet 10.1.0.0/24'],
    ['10.1', 'is not an IPv4 address'],
    ['::1', 'is not an IPv4 address'],
  ])('refuses the static address %s', async (address, problem) => {
    const network = pool('subnet: 10.1.0.0/24, gateway: 10.1.0.254, aux_addresses: {r: 10.1.0.9}');
    const [message] = await refusal(() => check(network, on(`ipv4_address: "${address}"`)));
    expect(message).toContain(`compose.yaml:2:32: services.a: ipv4_address ${address} on network n ${problem}`);
  });

  it('refuses the address that becomes the gateway when none is named', async () => {
    const [message] = await refusal(() => check(pool('subnet: 10.1.0.0/24'), on('ipv4_address: 10.1.0.1')));
    expect(message).toContain(
      'becomes the gateway of 10.1.0.0/24, which names none; accepted are 10.1.0.1 to 10.1.0.254',
    );
  });

  it.each([
    ['n: {}', 'ipv4_address: 10.1.0.5', 'needs a network with an IPv4 subnet of its own'],
    [pool('subnet: 10.1.0.0/24'), 'ipv6_address: "fd00::5"', 'needs a network with an IPv6 subnet of its own'],
  ])('refuses a static address on %s', async (network, address, problem) => {
    expect((await refusal(() => check(network, on(address))))[0]).toContain(problem);
  });

  it('refuses a static address for several containers', async () => {
    const replicas = 'a: {image: x, scale: 2, networks: {n: {ipv4_address: 10.1.0.5}}}';
    expect((await refusal(() => check(pool('subnet: 10.1.0.0/24'), replicas)))[0]).toContain(
      'cannot be given to 2 replicas',
    );
    const twice = `a: {image: x, networks: {n: {ipv6_address: "fd00::5"}}}\n  b: {image: x, networks: {n: {ipv6_address: "fd00:0::5"}}}`;
    expect((await refusal(() => check(pool('subnet: "fd00::/64"'), twice)))[0]).toContain('is also that of service a');
  });

  it('leaves the subnet of an external network to the node, and still compares its addresses', async () => {
    await check('n: {external: true}', on('ipv4_address: 10.1.0.5'));
    const twice = `${on('ipv4_address: 10.1.0.5')}\n  b: {image: x, networks: {n: {ipv4_address: 10.1.0.5}}}`;
    expect((await refusal(() => check('n: {external: true}', twice)))[0]).toContain('is also that of service a');
  });

  it.each(['lo', 'eth 0', 'a/b', '', 'sixteen-bytes-xx'])('refuses the interface name %j', async (name) => {
    expect(await refusal(() => check('n: {}', on(`interface_name: ${JSON.stringify(name)}`)))).toEqual([
      `compose.yaml:2:32: services.a: interface_name ${JSON.stringify(name)} on network n is no link name; ` +
        'accepted are 1 to 15 bytes without white space, "/" or ":", and not lo',
    ]);
  });

  it('refuses one interface name for two networks of a service, and takes it in two services', async () => {
    const twice = 'a: {image: x, networks: {n: {interface_name: wan}, m: {interface_name: wan}}}';
    expect(await refusal(() => check('n: {}\n  m: {}', twice))).toEqual([
      'compose.yaml:2:58: services.a: interface_name "wan" on network m is also that on network n; ' +
        'the interfaces of a container have names of their own',
    ]);
    await check('n: {}', `${on('interface_name: wan')}\n  b: {image: x, networks: {n: {interface_name: wan}}}`);
  });

  it.each([
    ['"localhost:8080:80"', '2:25', '"localhost"'],
    ['"[fe80::1%eth0]:8080:80"', '2:25', '"fe80::1%eth0"'],
    ['"127.1:8080:80"', '2:25', '"127.1"'],
    ['{host_ip: node, target: 80}', '2:26', '"node"'],
  ])('refuses a port published on no address: %s', async (port, at, found) => {
    expect(await refusal(() => check('n: {}', `a: {image: x, ports: [${port}]}`))).toEqual([
      `compose.yaml:${at}: services.a: port 80 cannot be published on ${found}, which is no IP address; ` +
        'accepted is an address of the node such as 127.0.0.1 or fd00:28::1, without a zone, or none for all of them',
    ]);
  });

  it('accepts ports published on addresses of both families', async () => {
    await check('n: {}', 'a: {image: x, ports: ["80", "127.0.0.1:80:80", "[fd00::1]:80:80", "0.0.0.0:81:80"]}');
  });

  it('names every problem', async () => {
    const lines = await refusal(() => check('n: {driver: foo}\n  m: {driver: bar, ipam: {config: [{subnet: x}]}}'));
    expect(lines).toHaveLength(3);
  });
});
