import { isIP } from 'node:net';
import { invalid } from '#lib/common';
import { sameTranslation, type Translation } from '#lib/domain';

/** What is taken for a table that cannot be read, or is not as any that is made here: like nothing that is wanted. */
export const FOREIGN: readonly Translation[] = [{ address: '?', to: ['?'] }];

/**
 * Virtual addresses inside a container's network namespace: a map leads from the address to a chain of its own, whose
 * rules take turns, each giving every n-th new connection of those that reach it to one target. A chain is changed by
 * being emptied and filled in one transaction, so no packet finds it without rules; connections that are there stay
 * where conntrack has them. Protocols and ports are as they were sent. A set keeps the addresses that were spoken to by
 * UDP, whose conversations have to be ended by hand (`strayBehind`). Pure.
 * @param table `inet NAME`
 * @param have what is there; undefined where there is no table; one that is `FOREIGN` is replaced as a whole
 * @returns nft text; empty where nothing is to be done
 */
export function translationRules(
  table: string,
  have: readonly Translation[] | undefined,
  want: readonly Translation[],
): string {
  const remove = `delete table ${table}`;
  const anew = have === FOREIGN ? [`add table ${table}`, remove] : [];
  if (want.length === 0) return have === undefined ? '' : `${(have === FOREIGN ? anew : [remove]).join('\n')}\n`;
  // What else may have become of the frame: it is said anew each time.
  const known = new Map(have === FOREIGN ? [] : have?.map((each) => [each.address, each]));
  const wanted = new Set(want.map((each) => each.address));
  const gone = [...known.keys()].filter((address) => !wanted.has(address));
  const changed = want.filter((each) => !sameTranslation(known.get(each.address), each));
  return [
    ...anew,
    ...frame(table),
    ...gone.map((address) => `delete element ${table} ${mapOf(address)} { ${address} }`),
    ...gone.map((address) => `delete chain ${table} ${chainOf(address)}`),
    ...changed.flatMap((each) => chainLines(table, each)),
    ...changed
      .filter((each) => !known.has(each.address))
      .map(({ address }) => `add element ${table} ${mapOf(address)} { ${address} : goto ${chainOf(address)} }`),
    '',
  ].join('\n');
}

/**
 * A namespace tracks connections only while a rule asks for their state: without these two, the last target that goes
 * would take the connections of all others with it, and the refusal that follows would not be reached.
 */
function frame(table: string): string[] {
  return [
    `add table ${table}`,
    `add map ${table} virtual4 { type ipv4_addr : verdict; }`,
    `add map ${table} virtual6 { type ipv6_addr : verdict; }`,
    `add set ${table} spoken4 { type ipv4_addr; flags dynamic; }`,
    `add set ${table} spoken6 { type ipv6_addr; flags dynamic; }`,
    `add chain ${table} choose { type nat hook output priority -100; }`,
    `flush chain ${table} choose`,
    `add rule ${table} choose ct state new ip daddr vmap @virtual4`,
    `add rule ${table} choose ct state new ip6 daddr vmap @virtual6`,
  ];
}

function chainLines(table: string, { address, to }: Translation): string[] {
  const chain = chainOf(address);
  const rule = (text: string) => `add rule ${table} ${chain} ${text}`;
  const [ip, n] = isIP(address) === 4 ? ['ip', 4] : ['ip6', 6];
  return [
    `add chain ${table} ${chain}`,
    `flush chain ${table} ${chain}`,
    ...(to.length === 0 ? REFUSAL : [`meta l4proto udp add @spoken${n} { ${ip} daddr }`]).map(rule),
    ...to.map((target, index) => {
      if (isIP(target) !== isIP(address)) throw invalid(`${address} cannot stand for ${JSON.stringify(target)}`);
      const left = to.length - index;
      return rule(`${left > 1 ? `numgen inc mod ${left} 0 ` : ''}dnat ${ip} to ${target}`);
    }),
  ];
}

const REFUSAL = ['meta l4proto tcp reject with tcp reset', 'reject with icmpx port-unreachable'];

function mapOf(address: string): string {
  return isIP(address) === 4 ? 'virtual4' : 'virtual6';
}

function chainOf(address: string): string {
  if (isIP(address) === 0) throw invalid(`${JSON.stringify(address)} is no IP address`);
  return `to_${address.replaceAll(':', '_')}`;
}

/** Whoever may change the namespace may put anything into its table: keys of other types, prefixes, ranges. */
interface Listed {
  map?: { name: string; elem?: [unknown, unknown][] };
  set?: { name: string; elem?: unknown[] };
  rule?: { chain: string; expr: Expression[] };
}
interface Expression {
  dnat?: { addr?: string };
  match?: { left?: { numgen?: { mode: string; mod: number } } };
  reject?: object;
  set?: { op: string; set: string };
}

/**
 * What a namespace's table (`Host.nftTable`) does; a chain that is not as it is made here leads to `?`, and what has
 * something else in place of an address is `FOREIGN`. Maps of other names are somebody else's and do nothing. Pure.
 */
export function translationsIn(listing: readonly unknown[] | undefined): readonly Translation[] | undefined {
  if (!listing) return undefined;
  const entries = listing as readonly Listed[];
  const rules = new Map<string, Expression[][]>();
  for (const { rule } of entries) {
    if (rule) rules.set(rule.chain, [...(rules.get(rule.chain) ?? []), rule.expr]);
  }
  const maps = entries.flatMap(({ map }) => (map && /^virtual[46]$/.test(map.name) ? map : []));
  const keys = maps.flatMap(({ elem }) => elem ?? []).map(([key]) => key);
  const addresses = keys.filter(isAddress);
  if (addresses.length < keys.length) return FOREIGN;
  const framed = rules.get('choose')?.length === 2;
  return addresses.sort().map((address) => ({
    address,
    to: framed ? targetsOf(rules.get(chainOf(address)) ?? []) : ['?'],
  }));
}

function isAddress(key: unknown): key is string {
  return typeof key === 'string' && isIP(key) !== 0;
}

function targetsOf(rules: readonly Expression[][]): string[] {
  const refuses = rules.length === REFUSAL.length && rules.every((rule) => rule.some((each) => each.reject));
  if (refuses) return [];
  const [first, ...turns] = rules;
  if (!first?.some((each) => each.set)) return ['?'];
  const targets = turns.map((rule, index) => {
    const left = turns.length - index;
    const turn = rule.find((each) => each.match)?.match?.left?.numgen?.mod;
    return turn === (left > 1 ? left : undefined) ? rule.find((each) => each.dnat)?.dnat?.addr : undefined;
  });
  return targets.length === 0 || targets.includes(undefined) ? ['?'] : (targets as string[]);
}

/** The virtual addresses that were spoken to by UDP in a namespace, by its table. Pure. */
export function spokenTo(listing: readonly unknown[] | undefined): Set<string> {
  const sets = ((listing ?? []) as readonly Listed[]).flatMap(({ set }) => set ?? []);
  const elements = sets.filter(({ name }) => /^spoken[46]$/.test(name)).flatMap(({ elem }) => elem ?? []);
  const values = elements.map((each) => (each as { elem?: { val?: unknown } } | null)?.elem?.val ?? each);
  return new Set(values.filter(isAddress));
}
