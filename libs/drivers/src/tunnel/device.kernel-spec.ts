import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames, type Tunnel, type TunnelPeer } from '#lib/domain';
import { createHost, enterNewNetns, type Host } from '#lib/host';
import { kernelView } from '../kernel-view.js';
import { contextOn } from '../testing/fixtures.js';
import { ensureTunnel, tunnelReady } from './device.js';
import { newPrivateKey, publicKeyOf } from './keys.js';
import { parseDump } from './settings.js';
import { wg } from './wg.js';

const key = () => randomBytes(32).toString('base64');
const peer = (n: number): TunnelPeer => ({
  publicKey: publicKeyOf(newPrivateKey()),
  presharedKey: key(),
  endpoint: `192.0.2.${n}:4799`,
  address: `fd00:1:0:1::${n}`,
});

/** pids of wireguard-go with this device */
function processes(name: string): number[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === ['wireguard-go', '-f', name, ''].join('\0');
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('the WireGuard device of a node', () => {
  const names = new NodeNames(newId());
  const privateKey = newPrivateKey();
  const peers = [peer(2), peer(3)];
  const tunnel: Tunnel = { address: 'fd00:1:0:1::1', underlay: '192.0.2.1', port: 4799, peers };
  let host: Host;
  let leave: () => void;
  const ensure = (of: Tunnel) => ensureTunnel({ tunnel: of, privateKey, execRoot: '/tmp/skep-none' }, { host, names });
  const known = async () => parseDump(await wg(['show', names.tunnel, 'dump']));
  const ready = () => tunnelReady(tunnel, kernelView(contextOn(host, names)));

  beforeAll(async () => {
    leave = enterNewNetns();
    host = createHost();
    await host.ip([
      ['link', 'add', 'name', 'up0', 'type', 'veth', 'peer', 'name', 'far0'],
      ['addr', 'add', '192.0.2.1/24', 'dev', 'up0'],
      ['link', 'set', 'dev', 'up0', 'up'],
    ]);
  });
  afterAll(async () => {
    await host.ip([['link', 'del', 'dev', names.tunnel]]).catch(() => undefined);
    host.close();
    leave();
  });

  it('is made with its key, its peers, its address, and 60 bytes less than what carries it', async () => {
    expect(ready()).toBe(false);
    await ensure(tunnel);
    expect(ready()).toBe(true);
    expect(await known()).toEqual({
      privateKey,
      port: 4799,
      peers: new Map(peers.map(({ publicKey, ...rest }) => [publicKey, rest])),
    });
    const link = host.links().find(({ name }) => name === names.tunnel);
    expect(link).toMatchObject({ up: true, mtu: 1440, addresses: ['fd00:1:0:1::1/48'] });
  });

  it('has what it should have again after somebody else has changed it', async () => {
    await wg(['set', names.tunnel, 'listen-port', '4999', 'peer', peers[0]!.publicKey, 'remove']);
    await host.ip([['link', 'set', 'dev', names.tunnel, 'mtu', '1280']]);
    await ensure(tunnel);
    expect((await known()).port).toBe(4799);
    expect((await known()).peers.size).toBe(2);
  });

  it('comes back when what drives it was killed', async () => {
    const [pid] = processes(names.tunnel);
    // A kernel with WireGuard has no process to lose.
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !ready(), { ms: 5000, what: 'the device goes with its process' });
    await ensure(tunnel);
    expect(ready()).toBe(true);
    expect((await known()).peers.size).toBe(2);
  });

  it('goes with its link, and nothing is left of it', async () => {
    await host.ip([['link', 'del', 'dev', names.tunnel]]);
    await waitFor(() => processes(names.tunnel).length === 0, { ms: 5000, what: 'wireguard-go ends' });
    expect(() => readFileSync(`/var/run/wireguard/${names.tunnel}.sock`)).toThrow('ENOENT');
  });
});
