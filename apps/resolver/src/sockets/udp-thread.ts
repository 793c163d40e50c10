import { closeSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { SkepError } from '#lib/common';
import { AnswerStatistics } from '../metrics/answer-statistics.js';
import { MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK, checked, libc } from './libc.js';
import {
  MAX_ASKERS,
  type FromWorker,
  type HandedOver,
  type ToWorker,
  type Update,
  type WorkerStart,
} from './messages.js';

/** The worker thread, seen from the main thread. */
export class UdpThread {
  readonly #wake = checked(libc.eventfd(0, SOCK_NONBLOCK | SOCK_CLOEXEC), 'eventfd');
  readonly #statistics = AnswerStatistics.memory();
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  readonly #worker: Worker;
  readonly outstanding = new Int32Array(new SharedArrayBuffer(4 * MAX_ASKERS));
  readonly statistics = new AnswerStatistics(this.#statistics);
  #sequence = 0;
  #stopping = false;

  /** The thread starts at once, beside whatever the main thread does meanwhile. */
  constructor() {
    const workerData: WorkerStart = {
      wake: this.#wake,
      outstanding: this.outstanding.buffer as SharedArrayBuffer,
      statistics: this.#statistics,
    };
    this.#worker = new Worker(new URL('./udp-worker.js', import.meta.url), { workerData, execArgv: [] });
  }

  /**
   * @param onQuestion a question for the slow path; its place in `outstanding` is taken until it is done with
   * @param onFailure the thread ended by itself and nothing is answered any more
   */
  listen(onQuestion: (question: HandedOver) => void, onFailure: (error: unknown) => void): void {
    this.#worker.on('message', (message: FromWorker) => {
      if ('questions' in message) message.questions.forEach(onQuestion);
      else this.#settle(message.applied)?.resolve();
    });
    const failed = (error: unknown) => {
      for (const sequence of this.#waiting.keys()) this.#settle(sequence)?.reject(error);
      if (!this.#stopping) onFailure(error);
    };
    this.#worker.once('error', failed);
    // Also without an error: a loop that comes to its end answers nobody any more.
    this.#worker.once('exit', (code) => failed(new SkepError('internal', `it ended with exit code ${code}`)));
  }

  /** Resolves once the worker works by it. */
  update(change: Omit<Update, 'sequence'>): Promise<void> {
    const sequence = ++this.#sequence;
    return new Promise((resolve, reject) => {
      this.#waiting.set(sequence, { resolve, reject });
      this.#send({ sequence, ...change });
    });
  }

  /** Sends an answer from a sandbox's socket; UDP may lose it, and so may we. */
  reply(udp: number, peer: Uint8Array, message: Uint8Array): void {
    libc.sendto(udp, message, message.length, MSG_DONTWAIT, peer, peer.length);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#send('stop');
    await ended;
    for (const sequence of this.#waiting.keys()) {
      this.#settle(sequence)?.reject(new SkepError('unavailable', 'the resolver is stopping'));
    }
    closeSync(this.#wake);
  }

  #settle(sequence: number) {
    const waiting = this.#waiting.get(sequence);
    this.#waiting.delete(sequence);
    return waiting;
  }

  #send(message: ToWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(message);
    writeSync(this.#wake, new Uint8Array(new BigUint64Array([1n]).buffer));
  }
}
