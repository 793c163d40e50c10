import { on } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { messageOf, notFound, waitFor } from '#lib/common';
import type { LogStream, LogsWanted } from '#lib/contracts';
import { containerIdOf, type Task } from '#lib/domain';
import { ContainerDirectory } from '../containers/container-directory.js';
import { ContainerLogs } from '../containers/container-logs.js';
import { SwarmTasks } from './swarm-tasks.js';

/** A task that is about to start has something to read in a moment. Milliseconds. */
const STARTING = 10_000;

/** What this node's tasks wrote, for a manager that asks for it. */
@Injectable()
export class TaskLogs {
  private readonly log = new Logger('swarm');

  constructor(
    private readonly logs: ContainerLogs,
    private readonly tasks: SwarmTasks,
    private readonly directory: ContainerDirectory,
  ) {}

  /** One piece after another, each when the one before was taken. Resolves when all is said, or nobody reads any more. */
  async publish({ subscription, taskId, query }: LogsWanted, stream: LogStream): Promise<void> {
    const gone = new AbortController();
    for (const event of ['end', 'error', 'close']) stream.on(event, () => gone.abort());
    const answers = on(stream, 'data', { signal: gone.signal });
    try {
      stream.write({ subscription });
      for await (const { data, time } of await this.open(taskId, query, gone.signal)) {
        stream.write({ data, time });
        await answers.next();
      }
    } catch (error) {
      if (gone.signal.aborted) return;
      this.log.debug(`logs of task ${taskId}: ${messageOf(error)}`);
      stream.write({ error: messageOf(error) });
    } finally {
      stream.end();
    }
  }

  private async open(taskId: string, query: string, gone: AbortSignal) {
    const task = this.tasks.all().find((each) => each.id === taskId);
    if (!task) throw notFound(`task ${taskId} is not on this node`);
    const id = containerIdOf(taskId);
    await waitFor(() => this.isWritten(id), {
      ms: STARTING,
      what: `the container of task ${taskId} starts`,
    });
    const { log } = await this.logs.open(id, new URLSearchParams(query), gone, contextOf(task));
    return log;
  }

  /** It has started, or never will. The log of one that is only made is at its end at once, for who follows it, too. */
  private isWritten(id: string): boolean {
    const { container, status, seen } = this.directory.know(id);
    if (!seen) return false;
    return seen.startedAt !== '' || status.finished || container.target !== 'running';
  }
}

/** By this the docker CLI knows what to write in front of a line. */
function contextOf({ id, serviceId, nodeId = '' }: Task): string {
  return `com.docker.swarm.node.id=${nodeId},com.docker.swarm.service.id=${serviceId},com.docker.swarm.task.id=${id}`;
}
