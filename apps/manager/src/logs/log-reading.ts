import { once } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { invalid, secondsOf } from '#lib/common';
import { isBefore, isForgotten, isTerminal, type Task } from '#lib/domain';
import { flag, momentOf, streamFrame } from '#lib/http';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import { LogBroker } from './log-broker.js';
import { TaskReads } from './task-reads.js';

export type LogQuery = Readonly<Record<string, string | undefined>>;

/** Whose logs are read, as the cluster's state has them at any moment. */
export interface LogSource {
  tasks(): Task[];
  /** no other task will come */
  complete(): boolean;
  tty: boolean;
}

/** Stream 3 of a multiplexed stream: a client shows it as the error that ended the log. */
const SYSTEM_ERROR = 3;

/** GET /services/:id/logs and /tasks/:id/logs: the logs of several tasks in one multiplexed stream, frame by frame. */
@Injectable()
export class LogReading {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly broker: LogBroker,
  ) {}

  async answer(source: LogSource, query: LogQuery, response: Response): Promise<void> {
    const asked = checked(query);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const type = source.tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream';
    response.status(200).setHeader('Content-Type', type);
    response.flushHeaders();
    const missing = await this.readAll(source, asked, takeInto(response, gone.signal), gone.signal);
    if (missing.length > 0 && !source.tty) response.write(errorFrame(missing));
    response.end();
  }

  /** Why some of it could not be had. */
  private async readAll(
    source: LogSource,
    query: URLSearchParams,
    take: (data: Buffer) => Promise<void>,
    gone: AbortSignal,
  ): Promise<string[]> {
    const follow = flag(query.get('follow') ?? undefined);
    // A read that is taken up again later is to begin at the same moment.
    const since = momentOf('since', query.get('since'));
    if (follow && since !== undefined) query.set('since', secondsOf(since));
    const reads = new TaskReads({ store: this.store, broker: this.broker, take, gone });
    const look = () => reads.look(source.tasks().filter(hasLog), query);
    look();
    if (follow) {
      // Tasks that come later are read from their beginning.
      for (const option of ['tail', 'since']) query.delete(option);
      await this.untilComplete(source, look, gone);
    }
    return reads.missing();
  }

  private untilComplete(source: LogSource, look: () => void, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        look();
        if (!gone.aborted && !source.complete()) return;
        stop();
        resolve();
      };
      const stop = this.store.feed(() => setImmediate(check));
      gone.addEventListener('abort', check);
      setImmediate(check);
    });
  }
}

/** Its container has been there: a task that never came so far wrote nothing. */
function hasLog(task: Task): boolean {
  const { nodeId, status } = task;
  if (isForgotten(task) || nodeId === undefined || status.containerId === undefined) return false;
  return isTerminal(status.state) || !isBefore(status.state, 'starting');
}

function checked(query: LogQuery): URLSearchParams {
  if (!flag(query['stdout']) && !flag(query['stderr'])) {
    throw invalid('Bad parameters: you must choose at least one stream');
  }
  for (const name of ['since', 'until']) momentOf(name, query[name]);
  return new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Who reads slowly holds the nodes up, not our memory. */
function takeInto(response: Response, gone: AbortSignal): (data: Buffer) => Promise<void> {
  return async (data) => {
    if (gone.aborted || response.write(data)) return;
    await once(response, 'drain', { signal: gone }).catch(() => undefined);
  };
}

function errorFrame(missing: readonly string[]): Buffer {
  return streamFrame(
    SYSTEM_ERROR,
    `warning: incomplete log stream. some logs could not be retrieved for the following reasons: ${missing.join(', ')}`,
  );
}
