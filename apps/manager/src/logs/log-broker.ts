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

/** Takes one piece; resolves when there is room for the next. */
export type TakeLog = (data: Buffer) => Promise<void>;

/** Somebody reads what one task wrote. */
interface Subscription {
  nodeId: string;
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
        this.subscriptions.delete(subscription);
        clearTimeout(own?.begins);
        own?.hangUp();
        gone.removeEventListener('abort', stop);
        resolve(why);
      };
      if (gone.aborted) return resolve(undefined);
      if (!this.dispatcher.ask(nodeId, { logs: { subscription, taskId, query } })) {
        return resolve(`node ${this.nameOf(nodeId)} is not available`);
      }
      gone.addEventListener('abort', stop);
      const begins = setTimeout(() => over(`node ${this.nameOf(nodeId)} does not answer`), BEGINS);
      this.subscriptions.set(subscription, { nodeId, take, over, hangUp: () => undefined, begins });
    });
  }

  /** A node's stream: its first message says which subscription it is for. */
  publish(nodeId: string, messages: Observable<LogMessage>): Observable<LogTakenInput> {
    return new Observable((answers) => {
      let own: Subscription | undefined;
      const receive = async ({ subscription, data, error }: LogMessage) => {
        if (subscription) own = this.begun(subscription, nodeId, () => answers.complete());
        else if (error) own?.over(error);
        else if (data && own) {
          await own.take(data);
          answers.next({});
        }
      };
      return messages.pipe(concatMap(receive)).subscribe({
        complete: () => {
          own?.over();
          answers.complete();
        },
        error: (error: unknown) => {
          own?.over(`node ${this.nameOf(nodeId)}: ${messageOf(error)}`);
          answers.error(rpcError(error));
        },
      });
    });
  }

  private begun(id: string, nodeId: string, hangUp: () => void): Subscription {
    const found = this.subscriptions.get(id);
    if (found?.nodeId !== nodeId) throw forbidden(`node ${nodeId} was not asked for the logs ${id}`);
    clearTimeout(found.begins);
    found.hangUp = hangUp;
    return found;
  }

  /** Of a node that is down nothing more comes. */
  private endLost(): void {
    for (const { nodeId, over } of this.subscriptions.values()) {
      if (this.store.get('node', nodeId)?.value.status.state !== 'ready') over(`node ${this.nameOf(nodeId)} is down`);
    }
  }

  private nameOf(nodeId: string): string {
    return this.store.get('node', nodeId)?.value.description?.hostname ?? nodeId;
  }
}
