import { RESOLVER } from '#lib/contracts';

/**
 * In a container's network namespace: questions to port 53 of the resolver's address go to the port where it listens, and
 * its answers come from 53. Both pass the output hook, on `lo`, and are rewritten one by one: nothing is tracked. Where
 * rules of the container's own have connections tracked, questions are rewritten after that and answers before it, so
 * that both belong to one connection, with port 53, for those rules as well.
 *
 * A transaction in each case: nobody asks without the rules. Pure.
 * @param name of the table, which is of family `ip`
 * @param how `in place`: over what is there, or where nothing is. `anew`: whatever it was; for seconds after that the kernel
 * holds up who removes the namespace, by 10 ms
 */
export function resolverRules(name: string, how: 'in place' | 'anew'): string {
  const table = `ip ${name}`;
  const { address, port } = RESOLVER;
  const chain = (called: string, priority: number, end: 's' | 'd', from: number, to: number) => [
    `add chain ${table} ${called} { type filter hook output priority ${priority}; policy accept; }`,
    `flush chain ${table} ${called}`,
    `add rule ${table} ${called} ip ${end}addr != ${address} accept`,
    ...['udp', 'tcp'].map(
      (each) => `add rule ${table} ${called} ${each} ${end}port ${from} ${each} ${end}port set ${to}`,
    ),
  ];
  return [
    `add table ${table}`,
    ...(how === 'anew' ? [`delete table ${table}`, `add table ${table}`] : []),
    ...chain('questions', 300, 'd', 53, port),
    ...chain('answers', -300, 's', port, 53),
    '',
  ].join('\n');
}
