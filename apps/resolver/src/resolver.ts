import type { Logger } from 'pino';
import { invalid, messageOf, ResolvConf } from '#lib/common';
import type { Applied, Changes, Explanation, Question, Sandbox, SandboxError, State } from '#lib/contracts';
import {
  NameTable,
  RCODE,
  compileNames,
  compileZone,
  readMessage,
  rcodeName,
  recordText,
  typeNumber,
  type ZoneImage,
} from '#lib/discovery';
import { chain } from './chain.js';
import { Forwarder } from './forward/forwarder.js';
import { AnswerStatistics } from './metrics/answer-statistics.js';
import { questionMessage } from './question-message.js';
import { Responder } from './responder.js';
import { Listeners, type Listener } from './sockets/listeners.js';
import type { HandedOver, WorkerAsker } from './sockets/messages.js';
import { Places } from './sockets/places.js';
import type { UdpThread } from './sockets/udp-thread.js';
import { Knowledge, type Changed } from './zones/knowledge.js';
import type { Snapshot } from './zones/snapshot.js';

/** The DNS of a node's containers: what it knows, the sockets it listens on, and the thread that answers. */
export class Resolver {
  readonly #knowledge = new Knowledge();
  readonly #table = new NameTable();
  readonly #places = new Places(this.#knowledge.sandboxes);
  readonly #forwarder: Forwarder;
  readonly #slow = new AnswerStatistics();
  readonly #forwards = new Map<string, number>();
  readonly #responder: Responder;
  readonly #listeners = new Listeners((sandboxId, packet) => this.#respond(sandboxId, packet, 0xffff));
  /** askers of which the worker knows such names */
  readonly #withPrivateNames = new Set<string>();
  /** changes are applied one after the other */
  #applying: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly udp: UdpThread,
    private readonly snapshot: Snapshot,
    private readonly log: Logger,
  ) {
    const resolvConf = new ResolvConf('/etc/resolv.conf');
    this.#forwarder = new Forwarder(
      () => resolvConf.servers(),
      (sandboxId) => this.#places.of(sandboxId),
    );
    const count = (outcome: string) => this.#forwards.set(outcome, (this.#forwards.get(outcome) ?? 0) + 1);
    this.#responder = new Responder(this.#table, chain(this.#forwarder, count));
  }

  /** @param onFailure nothing is answered any more: the process should end and be started again */
  start(onFailure: (error: unknown) => void): void {
    this.udp.listen((question) => void this.#handedOver(question), onFailure);
  }

  /** Serves what the snapshot holds. A snapshot that can't be read is reported and left behind. */
  async restore(): Promise<void> {
    try {
      const knowledge = this.snapshot.load();
      if (!knowledge) return;
      const { errors } = await this.#apply(knowledge);
      for (const { id, message } of errors) this.log.warn({ sandbox: id }, `not served: ${message}`);
    } catch (error) {
      this.log.warn(`the state is not restored, the agent will tell it again: ${messageOf(error)}`);
    }
  }

  /** Resolves once every socket asked for listens, every new answer is live, and the snapshot holds it. */
  apply(changes: Changes): Promise<Applied> {
    const wrong = changes.sandboxes.find(({ id, netnsPath }) => id === '' || !netnsPath.startsWith('/'));
    if (wrong) throw invalid(`sandbox "${wrong.id}": needs an id and an absolute netns_path, not "${wrong.netnsPath}"`);
    const applied = this.#applying.then(async () => {
      const result = await this.#apply(changes);
      await this.snapshot
        .save(() => this.#knowledge.all())
        .catch((error: unknown) => this.log.error(`the state can't be kept: ${messageOf(error)}`));
      return result;
    });
    this.#applying = applied.catch(() => {});
    return applied;
  }

  state(): State {
    return { sandboxes: this.#listeners.ids, zones: [...this.#knowledge.zones.keys()] };
  }

  async explain({ sandboxId, name, type }: Question): Promise<Explanation> {
    const { message, rule, network, omitted } = await this.#responder.explain(sandboxId, questionMessage(name, type));
    const answer = readMessage(message);
    const wanted = typeNumber(type || 'A');
    const answers = answer?.records.filter(({ section }) => section === 'answer') ?? [];
    return {
      rcode: rcodeName(answer?.rcode ?? RCODE.SERVFAIL),
      rule,
      network,
      answers: answers.map((record) => {
        const text = recordText(message, record);
        return record.type === wanted ? text.slice(text.indexOf(' ') + 1) : text;
      }),
      omitted: [...omitted],
    };
  }

  /** Prometheus text. */
  async metrics(): Promise<string> {
    // Loaded when it is wanted: a resolver that starts again has containers waiting.
    const { metricsText } = await import('./metrics/metrics.js');
    return metricsText({
      hot: this.udp.statistics,
      slow: this.#slow,
      forwards: this.#forwards,
      sandboxes: this.#listeners.ids.length,
      cached: this.#forwarder.cache.size,
    });
  }

  /** Stops answering and closes every socket. */
  async close(): Promise<void> {
    await this.#applying;
    await this.udp.stop();
    await Promise.all(this.#listeners.ids.map((id) => this.#listeners.close(this.#listeners.get(id)!)));
  }

  async #apply(changes: Changes): Promise<Applied> {
    const changed = this.#knowledge.merge(changes);
    for (const id of changed.removedZones) this.#table.removeZone(id);
    for (const id of changed.removedSandboxes) this.#table.removeSandbox(id);
    const zones = changed.zones.map((zone) => ({
      networkId: zone.networkId,
      image: compileZone(this.#table.setZone(zone)),
    }));
    for (const sandbox of changed.sandboxes) this.#table.setSandbox(sandbox);

    await this.#closeGone(changed);
    const errors = this.#openMissing(changed.sandboxes);
    const askers = this.#askersOf(changed);
    await this.udp.update({ zones, removedZones: changed.removedZones, askers, removedAskers: [] });
    return { errors };
  }

  /** Sockets of sandboxes that were removed, or whose namespace is another one now. */
  async #closeGone({ removedSandboxes, sandboxes }: Changed): Promise<void> {
    const moved = sandboxes
      .filter(({ id, netnsPath }) => !this.#listeners.isCurrent(id, netnsPath))
      .map(({ id }) => id);
    const left = [...removedSandboxes, ...moved];
    for (const id of left) this.#places.leave(id);
    const gone = left
      .map((id) => this.#listeners.get(id))
      .filter((listener): listener is Listener => listener !== undefined);
    if (gone.length > 0) {
      const removedAskers = gone.map(({ token }) => token);
      await this.udp.update({ zones: [], removedZones: [], askers: [], removedAskers });
      await Promise.all(gone.map((listener) => this.#listeners.close(listener)));
    }
    for (const id of removedSandboxes) {
      this.#responder.forget(id);
      this.#forwarder.cache.drop(id);
      this.#withPrivateNames.delete(id);
    }
  }

  #openMissing(sandboxes: readonly Sandbox[]): SandboxError[] {
    const errors: SandboxError[] = [];
    for (const { id, netnsPath } of sandboxes) {
      if (this.#listeners.get(id)) continue;
      try {
        const { token } = this.#listeners.open(id, netnsPath);
        Atomics.store(this.udp.outstanding, token, 0);
      } catch (error) {
        errors.push({ id, message: messageOf(error) });
      }
    }
    return errors;
  }

  /** Sandboxes that the worker must be told of: those that changed, and those with names of their own, now or before. */
  #askersOf({ zones, removedZones, sandboxes }: Changed): WorkerAsker[] {
    const told = new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox]));
    if (zones.length + removedZones.length > 0) {
      for (const sandbox of this.#knowledge.sandboxes.values()) {
        if (this.#withPrivateNames.has(sandbox.id) || this.#table.hasPrivateNames(sandbox))
          told.set(sandbox.id, sandbox);
      }
    }
    return [...told.values()].flatMap((sandbox) => {
      const listener = this.#listeners.get(sandbox.id);
      if (!listener) return [];
      const networks = sandbox.attachments.map(({ networkId }) => networkId);
      return [{ token: listener.token, udp: listener.udp, networks, own: this.#privateImage(sandbox) }];
    });
  }

  #privateImage(sandbox: Sandbox): ZoneImage | undefined {
    const { names, version, soa } = this.#table.privateNames(sandbox);
    if (names.length > 0) this.#withPrivateNames.add(sandbox.id);
    else this.#withPrivateNames.delete(sandbox.id);
    return names.length > 0 ? compileNames(names, version, soa) : undefined;
  }

  async #handedOver({ token, peer, packet }: HandedOver): Promise<void> {
    const listener = this.#listeners.byToken(token);
    if (!listener) return;
    try {
      const message = await this.#respond(listener.sandboxId, packet);
      if (message && this.#isOpen(listener)) this.udp.reply(listener.udp, peer, message);
    } catch (error) {
      this.log.error({ sandbox: listener.sandboxId }, `a question was not answered: ${messageOf(error)}`);
    } finally {
      if (this.#isOpen(listener)) Atomics.sub(this.udp.outstanding, token, 1);
    }
  }

  /** Descriptors and tokens are used again: after a wait, only the same object is the same socket. */
  #isOpen(listener: Listener): boolean {
    return this.#listeners.byToken(listener.token) === listener;
  }

  async #respond(sandboxId: string, packet: Uint8Array, limit?: number): Promise<Uint8Array | undefined> {
    const began = performance.now();
    const message = await this.#responder.respond(sandboxId, packet, limit);
    if (message) {
      this.#slow.answered(message[3]! & 0x0f);
      this.#slow.took(performance.now() - began, 1);
    } else this.#slow.dropped();
    return message;
  }
}
