import { describe, expect, it } from 'vitest';
import type { Tunnel, TunnelPeer } from '#lib/domain';
import { newPrivateKey, publicKeyOf } from './keys.js';
import { changesOf, parseDump } from './settings.js';

const peer = (n: number, more: Partial<TunnelPeer> = {}): TunnelPeer => ({
  publicKey: `peer${n}`,
  presharedKey: `shared${n}`,
  endpoint: `192.0.2.${n}:4799`,
  address: `fd00:1::${n}`,
  ...more,
});
const wanted = (peers: TunnelPeer[]): Tunnel & { privateKey: string } => ({
  privateKey: 'own',
  address: 'fd00:1::1',
  underlay: '192.0.2.1',
  port: 4799,
  peers,
});
/** What `wg show NAME dump` says of a device with these peers. */
const dump = (peers: TunnelPeer[], own = 'own\tpublic\t4799\toff') =>
  [
    own,
    ...peers.map((p) => `${p.publicKey}\t${p.presharedKey}\t${p.endpoint}\t${p.address}/128\t0\t0\t0\toff`),
    '',
  ].join('\n');
const change = (there: string, peers: TunnelPeer[]) => changesOf(parseDump(there), wanted(peers));

describe('settings of a WireGuard device', () => {
  it('are all written to a new one, secrets as files', () => {
    expect(change(dump([], '(none)\t(none)\t0\toff'), [peer(2)])).toEqual([
      { args: ['private-key', '/dev/fd/3', 'listen-port', '4799'], secrets: ['own'] },
      {
        args: 'peer peer2 preshared-key /dev/fd/3 endpoint 192.0.2.2:4799 allowed-ips fd00:1::2/128'.split(' '),
        secrets: ['shared2'],
      },
    ]);
  });

  it('that are as wanted are left alone', () => {
    expect(change(dump([peer(2), peer(3)]), [peer(3), peer(2)])).toEqual([]);
  });

  it('change by what differs: another key touches nothing else of a peer, and no other peer', () => {
    const next = [peer(2, { presharedKey: 'next' }), peer(3)];
    expect(change(dump([peer(2), peer(3)]), next)).toEqual([
      { args: ['peer', 'peer2', 'preshared-key', '/dev/fd/3'], secrets: ['next'] },
    ]);
  });

  it('lose the peers that nobody wants', () => {
    expect(change(dump([peer(2), peer(3)]), [peer(3)])).toEqual([{ args: ['peer', 'peer2', 'remove'], secrets: [] }]);
  });

  it('come in calls of a size that a process can carry', () => {
    const many = Array.from({ length: 450 }, (_, n) => peer(n));
    expect(change(dump([]), many).map(({ secrets }) => secrets.length)).toEqual([200, 200, 50]);
  });
});

it('a public key is what `wg pubkey` says', () => {
  expect(publicKeyOf('4GfK2uJw7Gwni1esXiFA3C+SDYw+8Y/YQwPB3ZhhHE8=')).toBe(
    'j9k1o+kw2g2Z4knza+km2B6p4L2zadHT6kpdwiFvGl4=',
  );
  expect(Buffer.from(newPrivateKey(), 'base64')).toHaveLength(32);
});
