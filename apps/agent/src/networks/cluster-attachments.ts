import { Inject, Injectable, Logger } from '@nestjs/common';
import { SkepError, stableStringify, unavailable, waitFor } from '#lib/common';
import type { Network, RefusedAttachment, WantedAttachment } from '#lib/domain';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { grantedIn } from '../ipam/granted.js';
import { SwarmMembership } from '../membership/membership.js';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { World } from '../world/world.js';
import { NetworkDirectory } from './network-directory.js';
import { wantedOf } from './wanted-attachments.js';

/** A manager that is away is told of within this time; one that starts again is waited for. Milliseconds. */
const PATIENCE = 5_000;
/** How long a caller waits for the manager to hear that an address is free again. Milliseconds. */
const TELLING = 2_000;
/** A container that was refused what it had is named again after this time: what stood in its way may be gone. Milliseconds. */
const AGAIN = 10_000;

interface Pending {
  wish: WantedAttachment;
  /** the message that asked for it first, in this session */
  askedIn?: number;
  answered: boolean;
  refusal?: RefusedAttachment;
}

/**
 * Containers outside services on networks of the swarm. The node says which attachments it has and wants, all of them at
 * each change; the manager gives addresses to new ones and takes back what is not wanted any more. What it gave arrives
 * as assignments, so a container that has its attachment starts while the manager is away.
 */
@Injectable()
export class ClusterAttachments {
  private readonly log = new Logger('swarm');
  private readonly pending = new Set<Pending>();
  /** by container and network: what the manager has answered in this session */
  private known: Map<string, string> | undefined;
  private underWay: { number: number; wanted: Map<string, string> } | undefined;
  /** by container and network: why the manager refuses what a row asks for */
  private lost = new Map<string, string>();
  private again: NodeJS.Timeout | undefined;
  private number = 0;
  private open = false;
  private poke: () => void = () => undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    private readonly world: World,
    private readonly networks: NetworkDirectory,
    private readonly membership: SwarmMembership,
  ) {}

  /** @param poke asks the session to send what is new */
  start(poke: () => void): void {
    this.poke = poke;
  }

  /** Is it a network of the swarm, or one that only a manager may know? */
  concerns(network: string): boolean {
    const local = this.local(network);
    return local ? local.driver === 'overlay' : this.membership.current?.nodeId !== undefined;
  }

  /** Gets what is wished for, and keeps it until the work is done: then rows ask for it, or nobody does. */
  async holding<T>(wishes: readonly WantedAttachment[], work: () => Promise<T>): Promise<T> {
    const release = await this.acquire(wishes);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /**
   * Gets addresses for these wishes; those for networks of this node alone are passed over. When it resolves, the networks
   * and what was granted are in the store. Errors are the manager's, or `unavailable` when it does not answer.
   */
  private async acquire(wishes: readonly WantedAttachment[]): Promise<() => void> {
    const asked = wishes
      .filter(({ network }) => this.concerns(network))
      .map((wish): Pending => ({
        wish: { ...wish, network: this.local(wish.network)?.id ?? wish.network },
        answered: false,
      }));
    if (asked.length === 0) return () => undefined;
    for (const each of asked) {
      each.answered = this.holds(each.wish);
      this.pending.add(each);
    }
    const release = () => {
      for (const each of asked) this.pending.delete(each);
      this.poke();
    };
    try {
      this.poke();
      await waitFor(() => asked.every(({ answered }) => answered), { ms: PATIENCE, every: 5, what: 'the manager' });
      const refused = asked.find(({ refusal }) => refusal)?.refusal;
      if (refused) throw new SkepError(refused.code, refused.message);
      return release;
    } catch (error) {
      release();
      if (!SkepError.is(error, 'timeout')) throw error;
      const names = asked.filter(({ answered }) => !answered).map(({ wish }) => wish.network);
      throw unavailable(
        `network ${[...new Set(names)].join(', ')}: no manager of the swarm answers, which gives addresses to containers; those that have one go on`,
        error,
      );
    }
  }

  /** Resolves when the manager knows what is free again, or cannot be told now. */
  async settled(): Promise<void> {
    if (!this.open) return;
    this.poke();
    const told = () => !this.open || (!this.underWay && sameAs(this.known, this.wanted()));
    await waitFor(told, { ms: TELLING, every: 5, what: 'the manager' }).catch(() => undefined);
  }

  /** The assignments of this session are there. */
  connected(): void {
    this.open = true;
  }

  disconnected(): void {
    this.open = false;
    this.known = undefined;
    this.underWay = undefined;
    clearTimeout(this.again);
    for (const each of this.pending) delete each.askedIn;
  }

  /** The next message; undefined when there is nothing to say, or the last one is not answered yet. */
  next(): { number: number; wanted: string } | undefined {
    if (!this.open || this.underWay) return undefined;
    const wanted = this.wanted();
    const fresh = [...this.pending].some((each) => !each.answered && each.askedIn === undefined);
    // The first message of a session is sent in any case: the manager may know of more.
    if (!fresh && sameAs(this.known, wanted)) return undefined;
    this.number += 1;
    for (const each of this.pending) each.askedIn ??= this.number;
    this.underWay = { number: this.number, wanted };
    return { number: this.number, wanted: `[${[...wanted.values()].join(',')}]` };
  }

  answered(number: number, refused: readonly RefusedAttachment[]): void {
    if (this.underWay?.number !== number) return;
    this.known = this.underWay.wanted;
    this.underWay = undefined;
    const waiting = [...this.pending].filter((each) => !each.answered && (each.askedIn ?? Infinity) <= number);
    for (const each of waiting) {
      each.refusal = refused.find((one) => keyOf(one) === keyOf(each.wish));
      each.answered = true;
    }
    this.lose(refused.filter((one) => !waiting.some(({ refusal }) => refusal === one)));
  }

  private lose(refused: readonly RefusedAttachment[]): void {
    for (const one of refused) {
      if (this.lost.get(keyOf(one)) === one.message) continue;
      this.log.warn(`container ${one.containerId.slice(0, 12)} has lost its place on a network: ${one.message}`);
    }
    this.lost = new Map(refused.map((one) => [keyOf(one), one.message]));
    clearTimeout(this.again);
    if (refused.length > 0) this.again = setTimeout(() => this.askAgain(), AGAIN).unref();
  }

  private askAgain(): void {
    for (const key of this.lost.keys()) this.known?.delete(key);
    this.poke();
  }

  /** It has its attachment, and nobody was told otherwise: the manager may be away. */
  private holds({ containerId, network, ipv4, ipv6 }: WantedAttachment): boolean {
    const granted = grantedIn(this.store, containerId, network);
    if (!granted || (ipv4 ?? granted.ipv4) !== granted.ipv4 || (ipv6 ?? granted.ipv6) !== granted.ipv6) return false;
    if (!this.open) return true;
    const key = keyOf({ containerId, network });
    return this.known?.has(key) === true && (!this.underWay || this.underWay.wanted.has(key));
  }

  /** By container and network, as JSON. A row says more than the wish before it. */
  private wanted(): Map<string, string> {
    if (!this.membership.current?.nodeId) return new Map();
    const { names } = this.node;
    const rows = wantedOf({
      view: this.store,
      observed: (id) => this.world.container(id),
      hasSandbox: (id) => this.host.listNetns(names.netnsPrefix).includes(names.netns(id)),
    });
    const wishes = [...Array.from(this.pending, ({ wish }) => wish), ...rows];
    return new Map(wishes.map((each) => [keyOf(each), stableStringify(each)]));
  }

  private local(network: string): Network | undefined {
    try {
      return this.networks.find(network);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }
}

const keyOf = ({ containerId, network }: Pick<WantedAttachment, 'containerId' | 'network'>) =>
  `${containerId} ${network}`;

function sameAs(a: ReadonlyMap<string, string> | undefined, b: ReadonlyMap<string, string>): boolean {
  return a?.size === b.size && [...b].every(([key, value]) => a.get(key) === value);
}
