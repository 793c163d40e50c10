import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Tunnel } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { overlayDriver } from '../overlay/overlay-driver.js';
import { contextOn, network } from '../testing/fixtures.js';
import { inGuest } from '../testing/guest.js';
import { newPrivateKey, publicKeyOf } from './keys.js';
import { changesOf, parseDump, type DeviceChange } from './settings.js';

const keys = [newPrivateKey(), newPrivateKey()] as const;
const key = () => randomBytes(32).toString('base64');
const inside = (n: number) => `fd00:1:0:1::${n}`;

/** The device of node 1 or 2, with the other one as its peer. */
function tunnel(n: 1 | 2, presharedKey: string): Tunnel & { privateKey: string } {
  const other = 3 - n;
  const publicKey = publicKeyOf(keys[other - 1]!);
  const peers = [{ publicKey, presharedKey, endpoint: `192.0.2.${other}:4799`, address: inside(other) }];
  return { address: inside(n), underlay: `192.0.2.${n}`, port: 4799, peers, privateKey: keys[n - 1]! };
}

/** `wg set` as it is called, in a shell: each secret is a file that an argument names. */
function shell(name: string, { args, secrets }: DeviceChange): string {
  const files = secrets.map((secret, index) => `echo '${secret}' > /tmp/key${index}`);
  const open = secrets.map((_, index) => `${index + 3}< /tmp/key${index}`);
  return [...files, `wg set ${name} ${args.join(' ')} ${open.join(' ')} || echo FAILED wg`].join('; ');
}

/** The lines by which the driver makes an encrypted network on a node that has its WireGuard device. */
async function overlayLines(names: NodeNames, n: 1 | 2): Promise<string[]> {
  const host = new FakeHost();
  await host.ip([
    ['link', 'add', 'name', names.tunnel, 'type', 'bridge'],
    ['addr', 'add', `${inside(n)}/48`, 'dev', names.tunnel],
  ]);
  const { privateKey: _, ...encryption } = tunnel(n, '');
  const overlay = { vni: 4097, local: inside(n), port: 4789, peers: [], encryption };
  const on = network(names, 'secret', ['10.0.1.0/24'], { id: newId(), driver: 'overlay', overlay });
  on.pools[0]!.gateway = `10.0.1.${n}`;
  const before = host.ran.length;
  await overlayDriver.ensureNetwork(on, contextOn(host, names));
  // Who is where, the test says by a default: what is looked at is the way.
  return host.ran.slice(before).map(({ line }) => line.replace(' nolearning proxy', ` remote ${inside(3 - n)}`));
}

it('a kernel with WireGuard takes the device, the network on it and another preshared key', async () => {
  const nodes = [1, 2].map((n) => ({
    n: n as 1 | 2,
    names: new NodeNames(newId()),
    at: n === 1 ? '' : 'ip netns exec b ',
  }));
  const [first, second] = [key(), key()];
  const script = ['ip netns add b; ip link add name up1 type veth peer name up2 netns b'];
  for (const { n, names, at } of nodes) {
    const name = names.tunnel;
    script.push(
      `${at}ip addr add 192.0.2.${n}/24 dev up${n}; ${at}ip link set up${n} up`,
      `${at}ip link add name ${name} type wireguard || echo FAILED`,
      ...changesOf(parseDump('(none)\t(none)\t0\toff'), tunnel(n, first)).map((each) =>
        shell(name, each).replace('wg set', `${at}wg set`),
      ),
      `${at}ip addr add ${inside(n)}/48 dev ${name} nodad; ${at}ip link set dev ${name} mtu 1440 up`,
      ...(await overlayLines(names, n)).map(
        (line) => `${at}ip ${line} 2>/tmp/why || echo "FAILED ${line}: $(cat /tmp/why)"`,
      ),
    );
  }
  const dump = (at: string, name: string) => `${at}wg show ${name} dump | sed 's/^/DUMP /'`;
  const known = parseDump(`own\tpublic\t4799\toff\n`);
  script.push(
    'tcpdump -i up1 -n -c 6 -l udp > /tmp/heard 2>/tmp/said &',
    'for n in 1 2 3 4 5 6 7 8 9 10; do grep -q listening /tmp/said && break; sleep 1; done',
    'ping -c 4 -W 3 -s 1342 10.0.1.2 > /dev/null && echo PING yes || echo PING no',
    "wait; sed 's/^/HEARD /' /tmp/heard",
    ...nodes.map(({ n, names, at }) => {
      const { peers, ...own } = tunnel(n, second);
      const [change] = changesOf(
        { ...known, privateKey: own.privateKey, peers: new Map(tunnel(n, first).peers.map((p) => [p.publicKey, p])) },
        { ...own, peers },
      );
      return shell(names.tunnel, change!).replace('wg set', `${at}wg set`);
    }),
    'ping -c 2 -W 3 10.0.1.2 > /dev/null && echo AGAIN yes || echo AGAIN no',
    ...nodes.map(({ names, at }) => dump(at, names.tunnel)),
  );
  const out = inGuest(script.join('\n'));
  expect(out.filter((line) => /FAILED|insmod/.test(line))).toEqual([]);
  expect(out).toContain('PING yes');
  expect(out).toContain('AGAIN yes');
  const heard = out.filter((line) => line.startsWith('HEARD'));
  expect(heard.length, out.join('\n')).toBe(6);
  expect(heard.filter((line) => !/\.4799 > .*\.4799/.test(line))).toEqual([]);
  const devices = out.filter((line) => line.startsWith('DUMP')).map((line) => line.slice('DUMP '.length));
  for (const [index, { n }] of nodes.entries()) {
    const { privateKey, peers } = parseDump(devices.slice(2 * index, 2 * index + 2).join('\n'));
    expect(privateKey).toBe(keys[index]);
    expect([...peers.values()]).toMatchObject([{ presharedKey: second, address: inside(3 - n) }]);
  }
}, 120_000);
