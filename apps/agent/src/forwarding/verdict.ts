import { matches, type Known, type Packet } from './match.js';

/** What a packet comes to, and which rule or policy decided it. */
export interface Verdict {
  /** `perhaps`: a rule that drops it asks for more than is known here */
  is: 'passes' | 'dropped' | 'perhaps';
  /** family, table and chain, as nft wants them */
  at?: string;
  /** undefined: the chain's policy */
  handle?: number;
}

interface Chain {
  family: string;
  table: string;
  name: string;
  hook?: string;
  prio?: number;
  policy?: string;
}

interface Rule {
  family: string;
  table: string;
  chain: string;
  handle: number;
  expr: Record<string, unknown>[];
}

type Ended = Verdict | 'accept' | 'return' | undefined;

const keyOf = ({ family, table }: Pick<Chain, 'family' | 'table'>, chain: string) => `${family} ${table} ${chain}`;

/** The rules of a node, whoever wrote them, as packets are sent through them. Made once for any number of packets. */
export class PacketFilter {
  private readonly chains: Chain[];
  private readonly rules = new Map<string, Rule[]>();
  /** by family and table: elements of sets by name */
  private readonly sets = new Map<string, Map<string, readonly unknown[]>>();

  /** @param ruleset objects of nft's JSON listing */
  constructor(ruleset: readonly unknown[]) {
    const all = ruleset as Record<string, never>[];
    this.chains = all.flatMap(({ chain }) => (chain ? [chain as Chain] : []));
    for (const { rule } of all) {
      if (!rule) continue;
      const key = keyOf(rule, (rule as Rule).chain);
      const before = this.rules.get(key);
      if (before) before.push(rule);
      else this.rules.set(key, [rule]);
    }
    for (const { set, map } of all) {
      const found = (set ?? map) as { family: string; table: string; name: string; elem?: unknown[] } | undefined;
      if (!found) continue;
      const key = `${found.family} ${found.table}`;
      const elements = map ? (found.elem ?? []).map((each) => (each as unknown[])[0]) : (found.elem ?? []);
      const before = this.sets.get(key) ?? new Map<string, readonly unknown[]>();
      this.sets.set(key, before.set(found.name, elements));
    }
  }

  /**
   * Sends the packet through every base chain of a hook, in their order. Each has to let it pass. Pure.
   * @param families of tables that see the packet
   */
  verdictOf(hook: string, families: readonly string[], packet: Packet): Verdict {
    const bases = this.chains
      .filter((chain) => chain.hook === hook && families.includes(chain.family))
      .sort((a, b) => (a.prio ?? 0) - (b.prio ?? 0));
    let perhaps: Verdict | undefined;
    for (const base of bases) {
      const verdict = this.pass(base, packet);
      if (verdict.is === 'dropped') return verdict;
      if (verdict.is === 'perhaps') perhaps ??= verdict;
    }
    return perhaps ?? { is: 'passes' };
  }

  private pass(base: Chain, packet: Packet): Verdict {
    const doubts: Verdict[] = [];
    const ended = this.run(base, base.name, packet, doubts, 0);
    const at = keyOf(base, base.name);
    const verdict: Verdict =
      typeof ended === 'object'
        ? ended
        : ended !== 'accept' && base.policy === 'drop'
          ? { is: 'dropped', at }
          : { is: 'passes' };
    if (verdict.is === 'dropped') return doubts.length > 0 ? { ...verdict, is: 'perhaps' } : verdict;
    return doubts.find(({ is }) => is === 'perhaps') ?? verdict;
  }

  /** @param doubts gets what a rule would have done of which it is not known whether it is for this packet */
  private run(base: Chain, chain: string, packet: Packet, doubts: Verdict[], depth: number): Ended {
    for (const rule of this.rules.get(keyOf(base, chain)) ?? []) {
      const applies = this.applies(rule, packet);
      if (applies === false) continue;
      const ended = this.end(base, rule, packet, applies === undefined ? [] : doubts, depth);
      if (ended === undefined) continue;
      if (applies) return ended;
      doubts.push(typeof ended === 'object' && ended.is !== 'passes' ? { ...ended, is: 'perhaps' } : { is: 'passes' });
    }
    return undefined;
  }

  private applies({ family, table, expr }: Rule, packet: Packet): Known {
    const sets = this.sets.get(`${family} ${table}`) ?? new Map<string, readonly unknown[]>();
    let known: Known = true;
    for (const statement of expr) {
      if ('xt' in statement) known = undefined;
      if (!('match' in statement)) continue;
      const found = matches(statement['match'], packet, sets);
      if (found === false) return false;
      if (found === undefined) known = undefined;
    }
    return known;
  }

  /** What the rule does with a packet that it is for; undefined: the next rule is asked. */
  private end(
    base: Chain,
    { family, table, chain, handle, expr }: Rule,
    packet: Packet,
    doubts: Verdict[],
    depth: number,
  ): Ended {
    for (const statement of expr) {
      if ('accept' in statement) return 'accept';
      if ('return' in statement) return 'return';
      if ('drop' in statement || 'reject' in statement)
        return { is: 'dropped', at: keyOf({ family, table }, chain), handle };
      if ('vmap' in statement || 'queue' in statement) doubts.push({ is: 'passes' });
      const jump = (statement['jump'] ?? statement['goto']) as { target: string } | undefined;
      // The kernel allows sixteen.
      if (!jump || depth > 16) continue;
      const ended = this.run(base, jump.target, packet, doubts, depth + 1);
      if (ended !== undefined && ended !== 'return') return ended;
      if ('goto' in statement) return 'return';
    }
    return undefined;
  }
}
