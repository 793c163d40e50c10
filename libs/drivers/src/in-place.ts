interface Listed {
  set?: { name: string };
  map?: { name: string };
  chain?: { name: string };
}

/**
 * Text that makes of a table that is there the one that `text` describes, which replaces it as a whole. The table and
 * its chains stay, and only what is in them changes, in one transaction: a connection that comes at this moment finds
 * either the old rules or the new ones. A table that is deleted and made anew loses some. Pure.
 * @param text begins with `add table T` and `delete table T`; then the table, with `set`, `map` and `chain` on lines of their own
 * @param present the table as nft lists it (`Host.nftTable`)
 */
export function inPlace(text: string, present: readonly unknown[]): string {
  const [add = '', remove = '', ...rest] = text.split('\n');
  const table = remove.replace(/^delete table /, '');
  const wanted = new Set([...text.matchAll(/^ *(?:set|map|chain) (\S+) \{$/gm)].map(([, name]) => name));
  const listed = present as readonly Listed[];
  const sets = listed.flatMap(({ set, map }) =>
    set ? [`set ${table} ${set.name}`] : map ? [`map ${table} ${map.name}`] : [],
  );
  const stale = (line: string) => !wanted.has(line.split(' ').at(-1));
  const chains = listed.flatMap(({ chain }) => (chain ? [`chain ${table} ${chain.name}`] : []));
  return [
    add,
    `flush table ${table}`,
    ...sets.map((each) => `flush ${each}`),
    ...[...chains, ...sets].filter(stale).map((each) => `delete ${each}`),
    ...rest,
  ].join('\n');
}
