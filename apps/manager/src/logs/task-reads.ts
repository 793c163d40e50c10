import { secondsOf } from '#lib/common';
import type { Task } from '#lib/domain';
import { isTerminal } from '#lib/domain';
import { instantOf } from '#lib/http';
import type { ClusterStore } from '#lib/store';
import type { LogBroker, TakeLog } from './log-broker.js';

const MILLI = 1_000_000n;

/** One task's log, for one reader. */
interface Read {
  query: URLSearchParams;
  /** the moment of the last line that was shown, in nanoseconds since the epoch */
  shown?: bigint;
  /** of its node and of itself, when it was begun */
  circumstances: string;
  /** resolves with the reason why not all of it could be had */
  ended: Promise<string | undefined>;
  over: boolean;
}

interface Parts {
  store: Pick<ClusterStore, 'get'>;
  broker: Pick<LogBroker, 'read'>;
  /** where it is shown */
  take: (data: Buffer) => Promise<void>;
  /** nobody reads any more */
  gone: AbortSignal;
}

/**
 * The logs of several tasks for one reader, each read once. One that broke off, or could not begin, because its node was
 * away is taken up where it ended when that is back.
 */
export class TaskReads {
  private readonly reads = new Map<string, Read>();

  constructor(private readonly parts: Parts) {}

  /** @param query for tasks that are not read yet */
  look(tasks: readonly Task[], query: URLSearchParams): void {
    // Without a line of before, what comes from now on is wanted.
    const shown = query.get('tail') === '0' ? BigInt(Date.now()) * MILLI : undefined;
    for (const task of tasks) {
      const read = this.reads.get(task.id);
      if (!read) this.reads.set(task.id, this.begun(task, new URLSearchParams(query), shown));
      else if (this.mayGoOn(task, read)) this.reads.set(task.id, this.begun(task, rest(read), read.shown));
    }
  }

  /** When all have ended: why some of it could not be had. */
  async missing(): Promise<string[]> {
    const whys = await Promise.all(Array.from(this.reads.values(), ({ ended }) => ended));
    return [...new Set(whys.filter((why) => why !== undefined))];
  }

  private begun(task: Task, query: URLSearchParams, shown?: bigint): Read {
    const { broker, take, gone } = this.parts;
    const show: TakeLog = (data, time) => {
      if (time) read.shown = instantOf('time', time, 0);
      return take(data);
    };
    const ended = broker.read(task, query.toString(), show, gone).finally(() => (read.over = true));
    const read: Read = { query, shown, circumstances: this.circumstances(task), ended, over: false };
    return read;
  }

  /** Whatever a node says that is going: while a task has not ended, its log has not. What failed would fail again, though. */
  private mayGoOn(task: Task, { over, circumstances }: Read): boolean {
    if (!over || isTerminal(task.status.state)) return false;
    const ready = this.parts.store.get('node', task.nodeId!)?.value.status.state === 'ready';
    return ready && circumstances !== this.circumstances(task);
  }

  /** A node that opens a session is written down each time. */
  private circumstances({ nodeId, status }: Task): string {
    return `${this.parts.store.get('node', nodeId!)?.version} ${status.state}`;
  }
}

/** What is not shown yet. */
function rest({ query, shown }: Read): URLSearchParams {
  const after = new URLSearchParams(query);
  if (shown === undefined) return after;
  after.delete('tail');
  after.set('since', secondsOf(shown + 1n));
  return after;
}
