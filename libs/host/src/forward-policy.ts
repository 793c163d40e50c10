/**
 * Chains that drop what is forwarded where no rule of theirs lets it pass, whoever made them: family, table and name. Pure.
 * @param objects of nft's JSON (libnftables-json(5))
 */
export function droppingForward(objects: readonly unknown[]): string[] {
  return (objects as { chain?: Record<string, unknown> }[]).flatMap(({ chain }) =>
    chain?.['hook'] === 'forward' && chain['policy'] === 'drop'
      ? [`${String(chain['family'])} ${String(chain['table'])} ${String(chain['name'])}`]
      : [],
  );
}

/** What stands in the way, and what to do about it, of chains as `droppingForward` gives them. */
export function dropsByDefault(chains: readonly string[]): string {
  return `${chains.join(', ')} drops by default; let the links of this node through there (for Docker: chain DOCKER-USER; for ufw: "ufw route allow")`;
}
