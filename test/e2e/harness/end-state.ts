import { request } from 'node:http';
import { shortId } from '#lib/common';
import { type NodeNames, sandboxId } from '#lib/domain';
import type { TestNode } from './node.js';
import { type Rows, rowsOf } from './rows.js';
import type { Snapshot } from './snapshot.js';

interface EngineContainer {
  Id: string;
  Names: string[];
  Image: string;
  State: string;
  Labels: Record<string, string>;
  NetworkSettings?: { Networks: Record<string, { EndpointID: string }> };
}

/**
 * Everything that a node has made: the kernel as `ip -j` and `nft -j` show it, here and inside every container, the
 * engine's list, and node.db. What is chosen freely (ids, addresses, names that follow from them) and times are put in
 * words, so that two ways to the same end give the same text.
 */
export async function endState(node: TestNode): Promise<unknown> {
  const names = node.kernelNames;
  const machine = await node.settled();
  const [rows, engine] = await Promise.all([rowsOf(node.folder), engineList(node)]);
  const inside = await Promise.all(
    rows.container
      .filter(({ id }) => machine.namespaces.includes(names.netns(id)))
      .map(async ({ id, name }) => [name, await sandboxOf(node, id)] as const),
  );
  const everything = { ...lasting(machine), inside: Object.fromEntries(inside), engine, rows: plainRows(rows) };
  return ordered(JSON.parse(inWords(JSON.stringify(everything), wordsFor(rows, engine, names))));
}

/** Mounts and processes by their number: the engine names them by chance. */
function lasting({ links, addresses, routes, rules, namespaces, mounts }: Snapshot) {
  return { links, addresses, routes, rules, namespaces, mounts: mounts.length };
}

async function sandboxOf(node: TestNode, id: string): Promise<unknown> {
  const json = async (...args: string[]) => JSON.parse((await node.inSandbox(id, 'ip', ['-j', ...args])) || '[]');
  const links = (await json('addr')) as { ifname: string; flags: string[]; addr_info: Record<string, unknown>[] }[];
  return {
    links: links.map(({ addr_info, ...link }) => ({
      ...link,
      ifindex: undefined,
      link_index: undefined,
      link_netnsid: undefined,
      // Link-local ones come and go with the carrier.
      addr_info: addr_info.filter(({ scope }) => scope !== 'link'),
    })),
    routes: [...(await json('-4', 'route')), ...(await json('-6', 'route'))],
  };
}

function engineList(node: TestNode): Promise<EngineContainer[]> {
  const socketPath = node.engineSocket;
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/v1.41/containers/json?all=1' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve(JSON.parse(body) as EngineContainer[]));
    })
      .on('error', reject)
      .end();
  });
}

/** The run that was accounted for last, and how often it was tried, tell of the way and not of the end. */
function plainRows(rows: Rows): unknown {
  return { ...rows, status: rows.status.map(({ endedAt: _at, exitCode: _code, ...status }) => status) };
}

/** What is written instead of what; the longer first, because one may be part of another. */
function wordsFor(rows: Rows, engine: readonly EngineContainer[], names: NodeNames): [string, string][] {
  const words: [string, string][] = [];
  for (const { id, name, linkName, pools } of rows.network) {
    words.push([id, `<id of ${name}>`], [linkName, `<link of ${name}>`]);
    for (const { subnet, gateway } of pools) {
      const family = subnet.includes(':') ? 6 : 4;
      words.push([subnet, `<subnet${family} of ${name}>`], [gateway, `<gateway${family} of ${name}>`]);
      words.push([subnet.split('/')[0]!, `<network${family} of ${name}>`]);
    }
  }
  for (const { id, name, endpoints } of rows.container) {
    words.push([id, `<id of ${name}>`], [sandboxId(id), `<sandbox of ${name}>`]);
    words.push([names.netns(id), `<netns of ${name}>`], [shortId(id), `<short id of ${name}>`]);
    for (const { networkId, ipv4, ipv6, mac, ifName } of endpoints) {
      words.push([names.veth(id, networkId), `<veth of ${name} ${ifName}>`], [mac, `<mac of ${name} ${ifName}>`]);
      if (ipv4) words.push([ipv4, `<ipv4 of ${name} ${ifName}>`]);
      if (ipv6) words.push([ipv6, `<ipv6 of ${name} ${ifName}>`]);
    }
  }
  for (const { Id, Names, NetworkSettings } of engine) {
    words.push([Id, `<engine's id of ${Names[0]}>`]);
    // Docker Engine has a new one for every run, of its network `none`, too.
    for (const [network, { EndpointID }] of Object.entries(NetworkSettings?.Networks ?? {})) {
      words.push([EndpointID, `<engine's endpoint of ${Names[0]} ${network}>`]);
    }
  }
  return words.filter(([text]) => text !== '').sort(([a], [b]) => b.length - a.length);
}

function inWords(text: string, words: readonly [string, string][]): string {
  let result = text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>');
  for (const [from, to] of words) {
    const exact = new RegExp(`(?<![\\w.:])${from.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w:]|\\.\\d)`, 'g');
    result = result.replaceAll(exact, to);
  }
  return result;
}

/** Lists are sorted, except for rules, whose order means something: of them only the elements of sets. */
function ordered(value: unknown, key = '', keep = false): unknown {
  const inRules = keep || key === 'rules';
  if (Array.isArray(value)) {
    const items = value.map((item) => ordered(item, '', inRules));
    if (inRules && key !== 'elem') return items;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name]) => !FLEETING.has(name));
  const inner = entries.map(([name, each]) => [name, ordered(each, name, inRules)] as const);
  return Object.fromEntries(inner.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of the engine's list: times and numbers of processes. */
const FLEETING = new Set(['Created', 'Status', 'SizeRw', 'SizeRootFs', 'Pid']);
