import { Inject, Injectable } from '@nestjs/common';
import { concatMap, Observable } from 'rxjs';
import { forbidden, messageOf, newClusterId } from '#lib/common';
import type { LogMessage, LogTakenInput } from '#lib/contracts';
import type { Task } from '#lib/domain';
import type { ClusterStore } from '#lib/store';
import { rpcError } from '../ca/rpc-error.js';
import { STORE } from '../cluster/tokens.js';
import { Dispatcher } from '../dispatcher/dispatcher.js';

/** Of a node that was asked, until it begins. Milliseconds. */
const BEGINS = 15_000;

/** Takes one piece, the last of it written at this moment; resolves when there is room for the next. */
export type TakeLog = (data: Buffer, time: string) => Promise<void>;

/** Somebody reads what one task wrote. */
interface Subscription {
  nodeId: string;
  /** the one that the node was asked in */
  session: object | undefined;
  take: TakeLog;
  /** nothing more comes; with a reason when that is not all there was */
  over(why?: string): void;
  /** ends the node's stream */
  hangUp: () => void;
  begins: NodeJS.Timeout;
}

/** Brings what tasks wrote from their nodes to whoever asks: the node is told in its session, and opens a stream for it. */
@Injectable()
export class LogBroker {
  private readonly subscriptions = new Map<string, Subscription>();

  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly dispatcher: Dispatcher,
  ) {
    store.feed(({ changes }) => {
      if (changes.some(({ kind }) => kind === 'node')) this.endLost();
    });
  }

  /**
   * Resolves when the task's log has ended or `gone` says that nobody reads any more; with the reason where not all of it
   * could be had.
   */
  read(
    { id: taskId, nodeId = '' }: Task,
    query: string,
    take: TakeLog,
    gone: AbortSignal,
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      const subscription = newClusterId();
      const stop = () => this.subscriptions.get(subscription)?.over();
      const over = (why?: string) => {
        const own = this.subscriptions.get(subscription);
        if (!own) return;
        this.subscriptions.delete(subscription);
        clearTimeout(own.begins);
        own.hangUp();
        gone.removeEventListener('abort', stop);
        resolve(why);
      };
      if (gone.aborted) return resolve(undefined);
      if (!this.dispatcher.ask(nodeId, { logs: { subscription, taskId, query } })) {
        return resolve(`node ${this.nameOf(nodeId)} is not available`);
      }
      gone.addEventListener('abort', stop);
      const begins = setTimeout(() => over(`node ${this.nameOf(nodeId)} does not answer`), BEGINS);
      const session = this.dispatcher.sessionOf(nodeId);
      this.subscriptions.set(subscription, { nodeId, session, take, over, hangUp: () => undefined, begins });
    });
  }

  /**
   * A node's stream: its first message says which subscription it is for.
   *
   * @param cut whether it is the stream that broke off, and not the log that ended
   */
  publish(nodeId: string, messages: Observable<LogMessage>, cut: () => boolean): Observable<LogTakenInput> {
    return new Observable((answers) => {
      let own: Subscription | undefined;
      let gone = false;
      const hangUp = () => {
        gone = true;
        answers.complete();
      };
      const receive = async ({ subscription, data, error, time }: LogMessage) => {
        // What was on its way may be read a second time meanwhile.
        if (gone) return;
        if (subscription) own = this.begun(subscription, nodeId, hangUp);
        else if (error) own?.over(error);
        else if (data && own) {
          await own.take(data, time);
          answers.next({});
        }
      };
      const cutOff = () => own?.over(`node ${this.nameOf(nodeId)} was cut off`);
      const receiving = messages.pipe(concatMap(receive)).subscribe({
        complete: () => {
          if (cut()) cutOff();
          else own?.over();
          answers.complete();
        },
        error: (error: unknown) => {
          own?.over(`node ${this.nameOf(nodeId)}: ${messageOf(error)}`);
          answers.error(rpcError(error));
        },
      });
      return () => {
        receiving.unsubscribe();
        // Also while a slow reader has not taken the last piece yet.
        cutOff();
      };
    });
  }

  private begun(id: string, nodeId: string, hangUp: () => void): Subscription {
    const found = this.subscriptions.get(id);
    if (found?.nodeId !== nodeId) throw forbidden(`node ${nodeId} was not asked for the logs ${id}`);
    clearTimeout(found.begins);
    found.hangUp = hangUp;
    return found;
  }

  /** Of a node that is down nothing more comes, and of one that has begun anew not what it was asked before. */
  private endLost(): void {
    for (const { nodeId, session, over } of this.subscriptions.values()) {
      const name = this.nameOf(nodeId);
      const current = this.dispatcher.sessionOf(nodeId);
      if (this.store.get('node', nodeId)?.value.status.state !== 'ready') over(`node ${name} is down`);
      else if (current && current !== session) over(`node ${name} was cut off`);
    }
  }

  private nameOf(nodeId: string): string {
    return this.store.get('node', nodeId)?.value.description?.hostname ?? nodeId;
  }
}
