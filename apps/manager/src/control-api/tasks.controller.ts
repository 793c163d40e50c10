import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { isForgotten, isTerminal, taskName, type Task } from '#lib/domain';
import { Filters, labelFits } from '#lib/http';
import type { ClusterStore } from '#lib/store';
import { find } from '../cluster/lookup.js';
import { STORE } from '../cluster/tokens.js';
import { LogReading, type LogQuery } from '../logs/log-reading.js';
import { currentIn } from '../orchestrator/task-digest.js';
import { desiredOf, taskJson } from './service-json.js';

const FILTERS = ['_up-to-date', 'desired-state', 'id', 'label', 'name', 'node', 'runtime', 'service'];

@Controller('tasks')
export class TasksController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly reading: LogReading,
  ) {}

  @Get()
  list(@Query('filters') filters: string | undefined) {
    const asked = Filters.parse(filters, FILTERS);
    const current = asked.boolean('_up-to-date');
    return this.store
      .list('task')
      .filter((task) => !isForgotten(task))
      .filter((task) => asked.any('id', (id) => task.id.startsWith(id)))
      .filter((task) => asked.any('name', (name) => taskName(task).startsWith(name)))
      .filter((task) => asked.any('service', (name) => task.serviceName === name || task.serviceId.startsWith(name)))
      .filter((task) => asked.any('node', (name) => this.isOn(task, name)))
      .filter((task) => asked.any('desired-state', (state) => fits(task, state)))
      .filter((task) => asked.every('label', (label) => labelFits(this.labelsOf(task), label)))
      .filter((task) => current === undefined || current === this.isCurrent(task))
      .map((task) => taskJson(this.store.get('task', task.id)!, this.store));
  }

  @Get(':id')
  inspect(@Param('id') id: string) {
    return taskJson(
      find(this.store, 'task', id, (task) => task.id),
      this.store,
    );
  }

  @Get(':id/logs')
  async logs(@Param('id') id: string, @Query() query: LogQuery, @Res() response: Response): Promise<void> {
    const task = find(this.store, 'task', id, (each) => each.id).value;
    const now = () => this.store.get('task', task.id)?.value;
    const source = {
      tasks: () => [now() ?? []].flat(),
      complete: () => isTerminal(now()?.status.state ?? 'orphaned'),
      tty: task.spec.ContainerSpec?.TTY ?? false,
    };
    await this.reading.answer(source, query, response);
  }

  private isOn(task: Task, name: string): boolean {
    const node = task.nodeId === undefined ? undefined : this.store.get('node', task.nodeId)?.value;
    return node !== undefined && (node.id.startsWith(name) || node.description?.hostname === name);
  }

  /** Those of its service, not of its container. */
  private labelsOf({ serviceId }: Task): Record<string, string> {
    return this.store.get('service', serviceId)?.value.spec.Labels ?? {};
  }

  private isCurrent(task: Task): boolean {
    const service = this.store.get('service', task.serviceId)?.value;
    return service !== undefined && currentIn(service)(task);
  }
}

/** `running` means whatever is to run, `shutdown` what is not, as in Docker. */
function fits(task: Task, state: string): boolean {
  const desired = desiredOf(task);
  if (state === 'running') return ['ready', 'running', 'complete'].includes(desired);
  if (state === 'shutdown') return ['shutdown', 'remove'].includes(desired);
  return desired === state;
}
