import type { Tunnel, TunnelPeer } from '#lib/domain';

/** A device as `wg show NAME dump` tells of it. */
export interface Device {
  privateKey: string;
  port: number;
  /** by public key */
  peers: Map<string, Omit<TunnelPeer, 'publicKey'>>;
}

/** Arguments of `wg set NAME`, and the files in memory that they name. */
export interface DeviceChange {
  args: string[];
  secrets: string[];
}

/** The first descriptor behind standard input, output and error. */
const FIRST_FILE = 3;
/** Each preshared key is a file; a process may have 1,024. */
const PEERS_AT_ONCE = 200;

/** The first line is the device's: private key, public key, port, mark; each other one a peer's. wg(8), "show". */
export function parseDump(text: string): Device {
  const [own = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const [privateKey = '', , port = ''] = own.split('\t');
  const peers = lines.map((line): [string, Omit<TunnelPeer, 'publicKey'>] => {
    const [publicKey = '', presharedKey = '', endpoint = '', allowed = ''] = line.split('\t');
    return [publicKey, { presharedKey, endpoint, address: allowed.replace(/\/128$/, '') }];
  });
  return { privateKey, port: Number(port), peers: new Map(peers) };
}

/** What leads from the device as it is to the one that is wanted; a peer that stays as it is is not touched. Pure. */
export function changesOf(known: Device, wanted: Tunnel & { privateKey: string }): DeviceChange[] {
  const keep = new Set(wanted.peers.map(({ publicKey }) => publicKey));
  const own = ownChange(known, wanted);
  const gone = [...known.peers.keys()].filter((key) => !keep.has(key));
  const removed = gone.flatMap((key) => ['peer', key, 'remove']);
  const changed = wanted.peers.filter((peer) => !isAs(known.peers.get(peer.publicKey), peer));
  const changes = [own, { args: removed, secrets: [] }];
  for (let from = 0; from < changed.length; from += PEERS_AT_ONCE) {
    changes.push(peersChange(known, changed.slice(from, from + PEERS_AT_ONCE)));
  }
  return changes.filter(({ args }) => args.length > 0);
}

function ownChange(known: Device, { privateKey, port }: Tunnel & { privateKey: string }): DeviceChange {
  const key = known.privateKey === privateKey ? [] : ['private-key', `/dev/fd/${FIRST_FILE}`];
  const listen = known.port === port ? [] : ['listen-port', String(port)];
  return { args: [...key, ...listen], secrets: key.length > 0 ? [privateKey] : [] };
}

function peersChange(known: Device, peers: readonly TunnelPeer[]): DeviceChange {
  const secrets: string[] = [];
  const args = peers.flatMap(({ publicKey, presharedKey, endpoint, address }) => {
    const there = known.peers.get(publicKey);
    const words = ['peer', publicKey];
    if (there?.presharedKey !== presharedKey) {
      words.push('preshared-key', `/dev/fd/${FIRST_FILE + secrets.push(presharedKey) - 1}`);
    }
    if (there?.endpoint !== endpoint) words.push('endpoint', endpoint);
    if (there?.address !== address) words.push('allowed-ips', `${address}/128`);
    return words;
  });
  return { args, secrets };
}

function isAs(known: Omit<TunnelPeer, 'publicKey'> | undefined, wanted: TunnelPeer): boolean {
  return (
    known?.presharedKey === wanted.presharedKey &&
    known.endpoint === wanted.endpoint &&
    known.address === wanted.address
  );
}
