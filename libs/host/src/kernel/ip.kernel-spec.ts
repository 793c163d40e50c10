import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost } from './kernel-host.js';
import { enterNewNetns } from './netns.js';

const NETNS = `skep-ip-${process.pid}`;
const line = (text: string) => text.split(' ');

describe('links in process', () => {
  const path = process.env['PATH'];
  let leave: () => void;
  const host = createHost();
  beforeEach(() => {
    leave = enterNewNetns();
    process.env['PATH'] = '/nowhere';
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    await host.removeNetns(NETNS);
    leave();
  });

  it('are made, addressed and removed without a process', async () => {
    await host.createNetns(NETNS);
    await host.ip([
      line('link add name skbr0 address 02:00:00:00:00:01 mtu 1400 type bridge'),
      line('addr replace 10.9.0.1/24 dev skbr0'),
      line('addr replace fd00:9::1/64 dev skbr0 nodad'),
      line('link set dev skbr0 up'),
      line(`link add name skv0 mtu 1400 type veth peer name eth0 address 02:00:00:00:00:02 mtu 1400 netns ${NETNS}`),
      line('link set dev skv0 master skbr0 up'),
    ]);
    const inner = ['addr replace 10.9.0.2/24 dev eth0', 'link set dev eth0 up'];
    await host.ip([...inner, 'route replace default via 10.9.0.1 dev eth0'].map(line), NETNS);
    expect(host.links().find((link) => link.name === 'skbr0')).toMatchObject({
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      addresses: expect.arrayContaining(['10.9.0.1/24', 'fd00:9::1/64']),
    });
    expect(host.links(NETNS).find((link) => link.name === 'eth0')).toMatchObject({ up: true, mtu: 1400 });
    expect(host.routes(NETNS)).toContainEqual({ destination: '0.0.0.0/0', gateway: '10.9.0.1', link: 'eth0' });
    await host.ip([line('route del default via 10.9.0.1 dev eth0'), line('addr del 10.9.0.2/24 dev eth0')], NETNS);
    expect(host.routes(NETNS).filter((route) => !route.destination.startsWith('fe80'))).toEqual([]);
    await host.ip([line('link del dev skv0')]);
    expect(host.links().map((link) => link.name)).toEqual(['lo', 'skbr0']);
  });

  it('are left to ip, with their whole batch, where a line says more', async () => {
    const lines = [line('link add name skbr0 type bridge'), line('link add name skd0 type dummy')];
    await expect(host.ip(lines)).rejects.toThrow(/ip cannot be started/);
    process.env['PATH'] = path;
    expect(host.links().map((link) => link.name)).toEqual(['lo']);
  });

  it('fail in the words of the kernel, and name the line and the place', async () => {
    await host.createNetns(NETNS);
    const refused = host.ip([line('link set dev lo up'), line('route add default via 10.9.0.1 dev lo')], NETNS);
    await expect(refused).rejects.toMatchObject({
      message: `ip route add default via 10.9.0.1 dev lo in ${NETNS}: Error: Nexthop has invalid gateway.`,
    });
    await expect(host.ip([line('link set dev skv9 master skbr9')])).rejects.toMatchObject({
      code: 'not_found',
      message: 'ip link set dev skv9 master skbr9: Cannot find device "skbr9"',
    });
    await expect(host.ip([line('addr add 10.9.0.1/24 dev a-name-that-is-too-long')])).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('are changed by as many callers at once as there are', async () => {
    const addresses = Array.from({ length: 600 }, (_, index) => `10.9.${index >> 8}.${index & 255}/32`);
    await Promise.all(addresses.map((address) => host.ip([line(`addr replace ${address} dev lo`)])));
    expect(host.links()[0]!.addresses).toEqual(expect.arrayContaining(addresses));
  });

  it('are listed again only after a change', async () => {
    const stop = host.onLinkChange(() => undefined);
    const first = host.links();
    expect(host.links()).toBe(first);
    await host.ip([line('link add name skbr0 type bridge')]);
    expect(host.links().map((link) => link.name)).toEqual(['lo', 'skbr0']);
    await host.ip([line('link set dev skbr0 up')]);
    expect(host.links()[1]).toMatchObject({ up: true });
    stop();
  });
});
