import { Inject, Injectable } from '@nestjs/common';
import { containerIdOf, isBefore, type Task, type TaskStatus } from '#lib/domain';
import { stepId } from '#lib/planner';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { World } from '../world/world.js';
import { SwarmTasks } from './swarm-tasks.js';
import { taskStatusOf } from './task-report.js';

interface Report {
  number: number;
  tasks: { taskId: string; status: string }[];
}

/**
 * What is to be said to the manager of this node's tasks: what differs from what it knows. One report is under way at a
 * time; after a new session everything is said again.
 */
@Injectable()
export class TaskReporter {
  /** task id → what the manager has acknowledged, but for the time */
  private readonly known = new Map<string, string>();
  private underWay: { number: number; said: Map<string, string> } | undefined;
  private number = 0;
  private open = false;

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly tasks: SwarmTasks,
    private readonly world: World,
    private readonly problems: Problems,
  ) {}

  /** The assignments of this session are there. */
  connected(): void {
    this.open = true;
  }

  disconnected(): void {
    this.open = false;
    this.underWay = undefined;
    this.known.clear();
  }

  acknowledged(number: number): void {
    if (this.underWay?.number !== number) return;
    for (const [id, said] of this.underWay.said) this.known.set(id, said);
    this.underWay = undefined;
  }

  /** The next report; undefined when there is nothing to say, or the last one is not acknowledged yet. */
  next(): Report | undefined {
    if (!this.open || this.underWay) return undefined;
    const said = new Map<string, string>();
    const tasks: Report['tasks'] = [];
    const now = new Date().toISOString();
    for (const task of this.tasks.all()) {
      const id = containerIdOf(task.id);
      const container = this.store.get('container', id)?.value;
      const seen = this.world.container(id);
      const own = taskStatusOf(task, container, this.store.get('status', id)?.value, seen, now);
      const status = this.withProblem(task, own);
      const essence = essenceOf(status);
      if (this.known.get(task.id) === essence) continue;
      said.set(task.id, essence);
      tasks.push({ taskId: task.id, status: JSON.stringify(status) });
    }
    if (tasks.length === 0) return undefined;
    this.number += 1;
    this.underWay = { number: this.number, said };
    return { number: this.number, tasks };
  }

  /** Beside what its container says: what keeps it from coming up, while that is tried again. */
  private withProblem(task: Task, status: TaskStatus): TaskStatus {
    if (status.err !== undefined || !isBefore(status.state, 'running')) return status;
    const err = this.problems.ofSteps(this.stepsOf(task));
    return err === undefined ? status : { ...status, err };
  }

  /** What has to be done before the task runs. */
  private stepsOf({ id, attachments }: Task): string[] {
    const networks = attachments.flatMap(({ networkId }) => {
      const sealed = this.store.get('network', networkId)?.value.overlay?.encryption !== undefined;
      return [...(sealed ? [stepId('tunnel.ensure', 'node')] : []), stepId('network.ensure', networkId)];
    });
    const container = containerIdOf(id);
    const own = (['sandbox.ensure', 'container.create', 'container.start'] as const).map((kind) =>
      stepId(kind, container),
    );
    return [...networks, ...own];
  }
}

function essenceOf({ at: _at, ...status }: TaskStatus): string {
  return JSON.stringify(status);
}
