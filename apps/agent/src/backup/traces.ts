import { listed } from '#lib/common';
import type { NodeNames } from '#lib/domain';
import type { Host } from '#lib/host';

/** As `NodeNames` makes them. */
const LINK = /^sk([0-9a-f]{4})(?:wg|[a-z][0-9a-f]{8})$/;
const TABLE = /^skep_([0-9a-f]{4})$/;

interface Table {
  family: string;
  name: string;
}

/** Each table that has a chain. */
export function tablesIn(chains: readonly unknown[]): Table[] {
  const found = new Map<string, Table>();
  for (const { chain } of chains as { chain?: { family: string; table: string } }[]) {
    if (chain) found.set(`${chain.family} ${chain.table}`, { family: chain.family, name: chain.table });
  }
  return [...found.values()];
}

/**
 * What carries the ids of other nodes in this network namespace, with what takes it away. Two nodes need a namespace each,
 * but whether the other one runs is not known here.
 */
export function tracesOfOthers(own: NodeNames, host: Pick<Host, 'links' | 'nftChains'>): string[] {
  const others = new Map<string, string[]>();
  const note = (id: string | undefined, command: string) => {
    if (id !== undefined && id !== own.short) others.set(id, [...(others.get(id) ?? []), command]);
  };
  for (const { name } of host.links()) note(LINK.exec(name)?.[1], `ip link delete ${name}`);
  for (const { family, name } of tablesIn(host.nftChains())) {
    note(TABLE.exec(name)?.[1], `nft delete table ${family} ${name}`);
  }
  return [...others].map(
    ([id, commands]) =>
      `there are links or tables of another node here, whose id begins with ${id}: where its daemon runs, it needs a ` +
      `network namespace of its own; where it does not, take them away: ${listed(commands.map((each) => `"${each}"`))}`,
  );
}
