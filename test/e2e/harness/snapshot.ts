import { readdir, readFile } from 'node:fs/promises';
import type { Namespace } from './namespaces.js';
import { processesOf } from './processes.js';

/** What a node has made of the machine, in an order of its own, so that two of them can be compared. */
export interface Snapshot {
  links: string[];
  addresses: string[];
  routes: string[];
  rules: unknown[];
  namespaces: string[];
  mounts: string[];
  processes: string[];
}

interface Link {
  ifname: string;
  link_type: string;
  mtu: number;
  master?: string;
  addr_info: { scope: string; local: string; prefixlen: number }[];
}

interface Route {
  dst: string;
  gateway?: string;
  dev?: string;
}

/**
 * @param folder holds the node's data and exec roots
 * @param netnsPrefix of the names below /run/netns that the node makes
 */
export async function snapshot(machine: Namespace, folder: string, netnsPrefix: string): Promise<Snapshot> {
  const json = async <T>(...args: string[]) => JSON.parse((await machine.must('ip', ['-j', ...args])) || '[]') as T;
  const links = await json<Link[]>('addr');
  const routes = [...(await json<Route[]>('-4', 'route')), ...(await json<Route[]>('-6', 'route'))];
  const { nftables } = JSON.parse(await machine.must('nft', ['-j', 'list', 'ruleset'])) as { nftables: object[] };
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return {
    links: links.map(({ ifname, link_type, mtu, master }) => `${ifname} ${link_type} ${mtu} ${master ?? '-'}`).sort(),
    // Link-local ones come and go with the carrier.
    addresses: links
      .flatMap(({ ifname, addr_info }) =>
        addr_info.filter(({ scope }) => scope !== 'link').map((one) => `${ifname} ${one.local}/${one.prefixlen}`),
      )
      .sort(),
    routes: routes
      .filter(({ dst }) => !dst.startsWith('fe80') && !dst.startsWith('ff00'))
      .map(({ dst, gateway, dev }) => `${dst} via ${gateway ?? '-'} dev ${dev ?? '-'}`)
      .sort(),
    rules: nftables.filter((object) => !('metainfo' in object)).map(withoutHandles),
    namespaces: (await readdir('/run/netns')).filter((name) => name.startsWith(netnsPrefix)).sort(),
    mounts: mounts
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((target) => target.startsWith(folder))
      // Podman has its store's home mounted on itself, once: from the first container on, and until it likes. A second
      // one above it would be left behind by somebody.
      .filter((target, index, all) => target !== `${folder}/data/engine/overlay` || all.indexOf(target) < index)
      // Docker Engine's name of the machine's own namespace: from the first container on `host` on, while it runs.
      .filter((target) => target !== `${folder}/docker/exec/netns/default`)
      .sort(),
    processes: (await processesOf(folder)).map(({ command }) => command).sort(),
  };
}

/** Handles and counters differ between two rulesets that do the same. */
function withoutHandles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHandles);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['handle', 'packets', 'bytes'].includes(key))
      .map(([key, inner]) => [key, withoutHandles(inner)]),
  );
}
