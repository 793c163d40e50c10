import { readSync } from 'node:fs';
import { Answerer, NOT_HERE, RCODE, Turns, putError, type Asker, type ZoneImage } from '#lib/discovery';
import { AnswerStatistics } from '../metrics/answer-statistics.js';
import { MSG_DONTWAIT, libc } from './libc.js';
import {
  MAX_OUTSTANDING,
  type FromWorker,
  type HandedOver,
  type ToWorker,
  type Update,
  type WorkerStart,
} from './messages.js';
import { BATCH, PacketBatch } from './packet-batch.js';
import { Poll } from './poll.js';

/** The number of the eventfd in the poll; tokens are smaller. */
const WAKE = 0xffff_ffff;

interface LoopAsker extends Asker {
  token: number;
  udp: number;
  networks: string[];
  own: ZoneImage | undefined;
  images: ZoneImage[];
}

/** The worker's messages: Node's event loop does not turn while the thread waits in epoll. */
export interface Mailbox {
  receive(): ToWorker | undefined;
  send(message: FromWorker): void;
}

/**
 * The hot path: waits for packets of all sandboxes, answers owned names in place and hands everything else to the
 * main thread. A sandbox gets one batch a turn, so that none can keep the others waiting.
 */
export class UdpLoop {
  readonly #poll = new Poll();
  readonly #batch = new PacketBatch();
  readonly #answerer = new Answerer();
  readonly #outstanding: Int32Array;
  readonly #statistics: AnswerStatistics;
  readonly #askers: (LoopAsker | undefined)[] = [];
  readonly #zones = new Map<string, ZoneImage>();
  #handedOver: HandedOver[] = [];

  constructor(
    private readonly start: WorkerStart,
    private readonly mailbox: Mailbox,
  ) {
    this.#outstanding = new Int32Array(start.outstanding);
    this.#statistics = new AnswerStatistics(start.statistics);
    this.#poll.add(start.wake, WAKE);
  }

  /** Until it is told to stop. */
  run(): void {
    for (;;) {
      const count = this.#poll.wait();
      for (let i = 0; i < count; i++) {
        const number = this.#poll.ready(i);
        if (number === WAKE) {
          if (!this.#readMessages()) return;
          // Sockets may be gone that were ready in this round: ask again.
          break;
        }
        const asker = this.#askers[number];
        if (asker) this.#serve(asker);
      }
      if (this.#handedOver.length > 0) {
        this.mailbox.send({ questions: this.#handedOver });
        this.#handedOver = [];
      }
    }
  }

  #serve(asker: LoopAsker): void {
    const batch = this.#batch;
    const count = libc.recvmmsg(asker.udp, batch.received, BATCH, MSG_DONTWAIT, 0);
    if (count <= 0) return;
    const began = performance.now();
    batch.clear();
    for (let i = 0; i < count; i++) {
      const at = batch.packetAt(i);
      let length = this.#answerer.answer(batch.bytes, at, batch.packetLength(i), asker);
      let { rcode } = this.#answerer;
      if (length === NOT_HERE) {
        if (this.#handOver(asker, i)) continue;
        rcode = RCODE.SERVFAIL;
        length = putError(batch.bytes, this.#answerer.query, rcode);
      }
      if (length === 0) this.#statistics.dropped();
      else {
        batch.reply(i, length);
        this.#statistics.answered(rcode);
      }
    }
    this.#send(asker.udp);
    this.#statistics.took(performance.now() - began, batch.count);
  }

  /** A packet that the kernel refuses to send (its sender is gone) is passed over. */
  #send(udp: number): void {
    const { count } = this.#batch;
    for (let sent = 0; sent < count;) {
      const done = libc.sendmmsg(udp, this.#batch.repliesFrom(sent), count - sent, MSG_DONTWAIT);
      sent += Math.max(done, 1);
    }
  }

  #handOver(asker: LoopAsker, index: number): boolean {
    if (Atomics.load(this.#outstanding, asker.token) >= MAX_OUTSTANDING) return false;
    Atomics.add(this.#outstanding, asker.token, 1);
    const at = this.#batch.packetAt(index);
    const packet = this.#batch.bytes.slice(at, at + this.#batch.packetLength(index));
    this.#handedOver.push({ token: asker.token, peer: this.#batch.peer(index), packet });
    return true;
  }

  #readMessages(): boolean {
    readSync(this.start.wake, new Uint8Array(8));
    for (let message = this.mailbox.receive(); message; message = this.mailbox.receive()) {
      if (message === 'stop') return false;
      this.#apply(message);
      this.mailbox.send({ applied: message.sequence });
    }
    return true;
  }

  #apply(update: Update): void {
    for (const token of update.removedAskers) {
      const asker = this.#askers[token];
      if (asker) this.#poll.remove(asker.udp);
      this.#askers[token] = undefined;
    }
    for (const networkId of update.removedZones) this.#zones.delete(networkId);
    for (const { networkId, image } of update.zones) this.#zones.set(networkId, image);
    for (const { token, udp, networks, own } of update.askers) {
      const known = this.#askers[token];
      if (!known) this.#poll.add(udp, token);
      this.#askers[token] = { token, udp, networks, own, images: [], turns: known?.turns ?? new Turns() };
    }
    for (const asker of this.#askers) {
      if (!asker) continue;
      const zones = asker.networks.map((networkId) => this.#zones.get(networkId));
      asker.images = [asker.own, ...zones].filter((image) => image !== undefined);
    }
  }
}
